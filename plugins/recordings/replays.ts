import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Root} from 'mdast';
import {visit} from 'unist-util-visit';
import {documentFolders, findFiles, lineOf, parseDocument} from '../markdown/documents.ts';
import {attributeOf, type Jsx} from '../markdown/jsx.ts';
import {ProblemsError, relative, type Problem} from '../markdown/problems.ts';
import {missingRecording, Recordings} from './derive.ts';

/** A `<Replay>` of a document. */
export type Replay = {
  node: Jsx;
  file: string;
  line: number;
  /** Name of the recording. */
  src: string;
  /** Seconds. */
  poster?: number;
};

/** Names that are safe in a file name, in an address and as an id. */
const nameOfRecording = /^[a-z0-9][a-z0-9-]*$/;

/**
 * All `<Replay>` of a document.
 *
 * @param file the document, for messages
 */
export function findReplays(root: Root, file: string): {replays: Replay[]; problems: Problem[]} {
  const replays: Replay[] = [];
  const problems: Problem[] = [];
  visit(root, ['mdxJsxFlowElement', 'mdxJsxTextElement'], (found) => {
    const node = found as Jsx;
    if (node.name !== 'Replay') return;
    const line = lineOf(node);
    const src = attributeOf(node, 'src');
    if (typeof src !== 'string' || !nameOfRecording.test(src)) {
      problems.push({
        file,
        line,
        message: `<Replay> needs src="name", with a name of lower-case letters, digits and hyphens, as in static/recordings/name.cast`,
      });
      return;
    }
    const poster = attributeOf(node, 'poster');
    const time = poster === undefined ? undefined : Number(typeof poster === 'object' ? poster.expression : poster);
    if (time !== undefined && !(time >= 0 && time < Infinity)) {
      problems.push({file, line, message: `poster of <Replay src="${src}"> must be a number of seconds, such as poster={12.5}`});
      return;
    }
    replays.push({node, file, line, src, poster: time});
  });
  return {replays, problems};
}

/** All `<Replay>` of all documents of the site, and a problem for each that asks for another poster than the one before. */
export async function findAllReplays(siteDir: string): Promise<{replays: Replay[]; problems: Problem[]}> {
  const replays: Replay[] = [];
  const problems: Problem[] = [];
  for (const folder of documentFolders) {
    for (const document of await findFiles(path.join(siteDir, folder), (name) => /\.mdx?$/.test(name))) {
      const text = await readFile(document, 'utf8');
      if (!text.includes('<Replay')) continue;
      const file = relative(siteDir, document);
      try {
        const found = findReplays(parseDocument(file, text), file);
        replays.push(...found.replays);
        problems.push(...found.problems);
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error;
        problems.push(...error.problems);
      }
    }
  }
  const first = new Map<string, Replay>();
  for (const replay of replays) {
    const other = first.get(replay.src);
    if (!other) first.set(replay.src, replay);
    else if (other.poster !== replay.poster) {
      const {file, line, src} = replay;
      problems.push({
        file,
        line,
        message: `<Replay src="${src}"> asks for another poster than ${other.file}:${other.line}; a recording has one poster, so write the same poster={…} in both`,
      });
    }
  }
  return {replays, problems};
}

/** A problem for each `<Replay>` that cannot be read or whose recording is not there. */
export async function missingRecordings(siteDir: string): Promise<Problem[]> {
  const {replays, problems} = await findAllReplays(siteDir);
  const recordings = new Recordings(siteDir);
  const names = await recordings.names();
  const missing = replays.filter(({src}) => !names.includes(src));
  return [...problems, ...missing.map(({file, line, src}) => ({file, line, message: missingRecording(src, names)}))];
}
