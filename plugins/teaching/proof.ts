import type {Code, Root} from 'mdast';
import {visit} from 'unist-util-visit';
import type {VFile} from 'vfile';
import {resultOf} from '../experiments/index.ts';
import {lineOf} from '../markdown/documents.ts';
import {setAttributes, textOf, type Jsx} from '../markdown/jsx.ts';
import {ProblemsError, relative, type Problem} from '../markdown/problems.ts';

/**
 * Puts into each `<Proof of="01-2-pid" commands="3-4" />` the fence that shows those commands of the experiment, and gives it
 * the experiment's title, kernel and day: a remark plugin, to run before the one that fills such fences.
 *
 * @throws ProblemsError for all proofs of the document whose experiment cannot be read
 */
export function remarkProofs({siteDir}: {siteDir: string}) {
  return async (root: Root, document: VFile): Promise<void> => {
    const file = relative(siteDir, document.path);
    const nodes: Jsx[] = [];
    visit(root, ['mdxJsxFlowElement', 'mdxJsxTextElement'], (node) => {
      if ((node as Jsx).name === 'Proof') nodes.push(node as Jsx);
    });
    const problems: Problem[] = [];
    for (const node of nodes) {
      const problem = await fill(siteDir, node);
      if (problem !== null) problems.push({file, line: lineOf(node), message: problem});
    }
    if (problems.length > 0) throw new ProblemsError(problems);
  };
}

/** @returns what is wrong, or null */
async function fill(siteDir: string, node: Jsx): Promise<string | null> {
  const of = textOf(node, 'of');
  const commands = textOf(node, 'commands');
  if (of === undefined) return '<Proof> needs of="…", the name of an experiment, such as 01-2-pid';
  if (node.type === 'mdxJsxTextElement')
    return `<Proof of="${of}" /> stands in a line of text; it folds, so give it a paragraph of its own`;
  if (node.children.length > 0) return `<Proof of="${of}"> fills itself; write <Proof of="${of}" />`;
  const result = await resultOf(siteDir, of);
  if ('problem' in result) return `<Proof of="${of}">: ${result.problem}`;
  const fence: Code = {
    type: 'code',
    lang: 'console',
    meta: `of=${of}${commands === undefined ? '' : ` commands=${commands}`}`,
    value: '',
    ...(node.position ? {position: node.position} : {}),
  };
  node.children = [fence];
  setAttributes(node, {title: result.title, kernel: result.kernel, date: result.date});
  return null;
}
