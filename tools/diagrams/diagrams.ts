import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {drawingsFolder, mermaidVersion, readDiagram, type Diagram} from '../../plugins/diagrams/source.ts';
import type {Drawing} from '../../plugins/diagrams/render.ts';
import {readAllFences} from '../../plugins/markdown/documents.ts';
import type {Problem} from '../../plugins/markdown/problems.ts';

export type Options = {
  siteDir: string;
  /** Only say what is missing or unused. */
  check: boolean;
  render: (diagram: Diagram) => Promise<Drawing>;
  log: (line: string) => void;
};

export type Result = {problems: Problem[]; drawn: number; kept: number; removed: number};

/**
 * Makes the folder of drawings hold one for each diagram of the documents, and no other.
 *
 * @returns what was done, and what is wrong; under `check` a missing or unused drawing is a problem and nothing is done
 */
export async function diagrams({siteDir, check, render, log}: Options): Promise<Result> {
  const version = mermaidVersion(siteDir);
  const folder = path.join(siteDir, drawingsFolder);
  const {fences, problems} = await readAllFences(siteDir);
  const there = new Set((await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.svg')));
  const wanted = new Map<string, Diagram>();
  for (const fence of fences) {
    if (fence.lang !== 'mermaid') continue;
    const {diagram, problems: found} = readDiagram(fence, version);
    problems.push(...found);
    if (found.length === 0) wanted.set(`${diagram.hash}.svg`, diagram);
  }
  const result: Result = {problems, drawn: 0, kept: 0, removed: 0};
  for (const [name, diagram] of wanted) {
    if (there.has(name)) {
      result.kept++;
    } else if (check) {
      problems.push({
        file: diagram.file,
        line: diagram.line,
        message: 'this diagram is new or has changed since it was drawn; run: npm run diagrams',
      });
    } else {
      const drawing = await render(diagram);
      if ('problem' in drawing) {
        problems.push(drawing.problem);
        continue;
      }
      await mkdir(folder, {recursive: true});
      await writeFile(path.join(folder, name), drawing.svg);
      result.drawn++;
      log(`${diagram.file}:${diagram.line}: drew ${drawingsFolder}/${name}`);
    }
  }
  const unused = [...there].filter((name) => !wanted.has(name)).sort();
  if (check) {
    for (const name of unused)
      problems.push({file: `${drawingsFolder}/${name}`, line: 1, message: 'no document has this diagram any more; run: npm run diagrams'});
  } else if (problems.length === 0) {
    // While a document is broken nobody knows which drawings it needs.
    for (const name of unused) {
      await rm(path.join(folder, name));
      result.removed++;
      log(`removed ${drawingsFolder}/${name}`);
    }
  }
  return result;
}
