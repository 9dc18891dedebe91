import {access} from 'node:fs/promises';
import path from 'node:path';
import type {Root} from 'mdast';
import {visit} from 'unist-util-visit';
import type {VFile} from 'vfile';
import {chaptersWithSteps, findStages} from '../listings/stages.ts';
import {lineOf} from '../markdown/documents.ts';
import {setAttributes, textOf, type Jsx} from '../markdown/jsx.ts';
import {ProblemsError, relative, suggest, type Problem} from '../markdown/problems.ts';

/** Folder of the programs that grow, from the root of the repository. */
const steps = 'code/steps';

/** Where a stage stands among those of its chapter. */
type Place = {number: number; total: number; label: string; folder: string};

async function has(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The place of the stage that `of=` names: `01-namespaces/2-pid`, or `01-namespaces` for the whole program. */
async function placeOf(siteDir: string, of: string): Promise<Place | {problem: string}> {
  const [chapter = '', stage, ...rest] = of.split('/');
  const known = await chaptersWithSteps(siteDir, steps);
  if (!known.includes(chapter)) {
    const names = known.length > 0 ? known.join(', ') : 'none';
    return {problem: `<Stage of="${of}">: there is no folder ${steps}/${chapter}${suggest(chapter, known)}; there is ${names}`};
  }
  const {stages} = await findStages(siteDir, {steps, chapter}, '');
  const hasWhole = await has(path.join(siteDir, steps, chapter, 'main.go'));
  const total = stages.length + (hasWhole ? 1 : 0);
  if (stage === undefined) {
    if (hasWhole) return {number: total, total, label: 'main.go', folder: `${steps}/${chapter}`};
    return {
      problem: `<Stage of="${of}"> is the whole program, and there is no ${steps}/${chapter}/main.go; its stages are ${stages.join(', ')}`,
    };
  }
  const index = rest.length === 0 ? stages.indexOf(stage) : -1;
  if (index < 0) {
    const names = stages.map((name) => `${chapter}/${name}`);
    const all = [...names, ...(hasWhole ? [chapter] : [])].join(', ');
    return {problem: `<Stage of="${of}">: there is no such stage${suggest(of, names)}; there is ${all}`};
  }
  return {number: index + 1, total, label: `${stage}/main.go`, folder: `${steps}/${chapter}/${stage}`};
}

export type StageOptions = {
  siteDir: string;
  /** Address of the repository's web pages; an eyebrow links to `<repository>/tree/<branch>/<folder>`. */
  repository: string;
  branch: string;
};

/**
 * Gives each `<Stage of="01-namespaces/2-pid">` its number, the number of stages, its file and the address of its folder:
 * a remark plugin. The stages of a chapter are the folders in `code/steps/NN-name` that begin with a number, in the order
 * of those numbers; the program in `code/steps/NN-name` itself is the last.
 *
 * @throws ProblemsError for all stages of the document that are not there
 */
export function remarkStages({siteDir, repository, branch}: StageOptions) {
  return async (root: Root, document: VFile): Promise<void> => {
    const file = relative(siteDir, document.path);
    const nodes: Jsx[] = [];
    visit(root, ['mdxJsxFlowElement', 'mdxJsxTextElement'], (node) => {
      if ((node as Jsx).name === 'Stage') nodes.push(node as Jsx);
    });
    const problems: Problem[] = [];
    for (const node of nodes) {
      const of = textOf(node, 'of');
      const place =
        of === undefined ? {problem: '<Stage> needs of="…", such as 01-namespaces/2-pid or 01-namespaces'} : await placeOf(siteDir, of);
      if ('problem' in place) {
        problems.push({file, line: lineOf(node), message: place.problem});
        continue;
      }
      const {number, total, label, folder} = place;
      setAttributes(node, {number: String(number), total: String(total), label, href: `${repository}/tree/${branch}/${folder}`});
    }
    if (problems.length > 0) throw new ProblemsError(problems);
  };
}
