import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Definition, Nodes, Root, RootContent} from 'mdast';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import {visit} from 'unist-util-visit';
import type {VFile} from 'vfile';
import {lineOf, parseDocument} from '../markdown/documents.ts';
import {readFrontMatter} from '../markdown/front-matter.ts';
import {flowElement, setAttributes, textOf, type Jsx} from '../markdown/jsx.ts';
import {addressOf} from '../markdown/pages.ts';
import {ProblemsError, relative, suggest, type Problem} from '../markdown/problems.ts';

/** A chapter whose questions can be asked again. */
type Chapter = {file: string; address: string; title: string; questions: ReadonlyMap<string, MdxJsxFlowElement>};

/** The document of each chapter, from the root of the site, by the chapter's id: of docs/01-namespaces.mdx, `namespaces`. */
async function chapterFiles(siteDir: string): Promise<Map<string, string>> {
  const names = await readdir(path.join(siteDir, 'docs'));
  return new Map(
    names.sort().flatMap((name) => {
      const id = /^\d+-(.+)\.mdx$/.exec(name)?.[1];
      return id === undefined ? [] : [[id, `docs/${name}`] as const];
    }),
  );
}

/** @throws ProblemsError when the document is not valid MDX */
async function readChapter(siteDir: string, file: string): Promise<Chapter> {
  const text = await readFile(path.join(siteDir, file), 'utf8');
  const root = parseDocument(file, text);
  const frontMatter = await readFrontMatter(text);
  const address = addressOf(file, frontMatter);
  settleLinks(root, file, address);
  unravel(root);
  const questions = new Map<string, MdxJsxFlowElement>();
  visit(root, 'mdxJsxFlowElement', (node: MdxJsxFlowElement) => {
    const id = textOf(node, 'id');
    if (node.name === 'Question' && id !== undefined) questions.set(id, node);
  });
  return {file, address, title: typeof frontMatter.title === 'string' ? frontMatter.title : file, questions};
}

/** Makes links that mean something in their own document alone mean the same in any other. */
function settleLinks(root: Root, file: string, address: string): void {
  const definitions = new Map<string, Definition>();
  visit(root, 'definition', (node: Definition) => void definitions.set(node.identifier, node));
  visit(root, 'linkReference', (node, index, parent) => {
    const definition = definitions.get(node.identifier);
    if (definition && parent && index !== undefined)
      parent.children[index] = {type: 'link', url: definition.url, title: definition.title ?? null, children: node.children};
  });
  visit(root, 'link', (node) => {
    const [, place = '', anchor = ''] = /^([^#]*)(.*)$/s.exec(node.url) ?? [];
    if (place === '') node.url = `${address}${anchor}`;
    else if (/^[^/:]*\.mdx?$/.test(place.replace(/^\.\//, '')))
      node.url = `${addressOf(path.posix.join(path.posix.dirname(file), place), {})}${anchor}`;
  });
}

/** Takes components out of paragraphs that hold nothing else, as MDX does before it runs any plugin of a site. */
function unravel(root: Root): void {
  visit(root, 'paragraph', (node, index, parent) => {
    if (!parent || index === undefined) return;
    const children = node.children.filter((child) => child.type !== 'text' || child.value.trim() !== '');
    if (children.length === 0 || children.some(({type}) => type !== 'mdxJsxTextElement')) return;
    const elements = children.map((child) => ({...child, type: 'mdxJsxFlowElement'}) as RootContent);
    parent.children.splice(index, 1, ...elements);
    return index;
  });
}

/**
 * A copy of a question that can stand in another document: with an id that is free there, and in the place of the element
 * that asked for it, so that what is wrong with it is said of that line.
 */
function copyOf(question: MdxJsxFlowElement, id: string, at: Jsx): MdxJsxFlowElement {
  const copy = structuredClone(question);
  visit(copy as Nodes, (node) => {
    if (at.position) node.position = at.position;
    else delete node.position;
  });
  setAttributes(copy, {id});
  return copy;
}

/**
 * Puts into each `<Recall of="namespaces/question-same, cgroups/question-limit" />` a quiz of those questions, cut out of the
 * documents of their chapters, and a link to each chapter: a remark plugin, to run before all others, as a question may hold
 * what they work on.
 *
 * @throws ProblemsError for all chapters and questions that are not there
 */
export function remarkRecall({siteDir}: {siteDir: string}) {
  return async (root: Root, document: VFile): Promise<void> => {
    const file = relative(siteDir, document.path);
    const nodes: Jsx[] = [];
    visit(root, ['mdxJsxFlowElement', 'mdxJsxTextElement'], (node) => {
      if ((node as Jsx).name === 'Recall') nodes.push(node as Jsx);
    });
    if (nodes.length === 0) return;
    const files = await chapterFiles(siteDir);
    const chapters = new Map<string, Chapter>();
    const problems: Problem[] = [];
    const page = path.basename(file).replace(/^\d+-|\.mdx?$/g, '');
    for (const [index, node] of nodes.entries()) {
      const fail = (message: string): void => void problems.push({file, line: lineOf(node), message});
      const names = (textOf(node, 'of') ?? '').split(/[\s,]+/).filter(Boolean);
      if (names.length === 0)
        fail('<Recall> needs of="…": chapters and questions, such as namespaces/question-same, namespaces/question-pid');
      const questions: MdxJsxFlowElement[] = [];
      const from = new Map<string, Chapter>();
      for (const name of names) {
        const [id = '', question = ''] = name.split('/');
        const source = files.get(id);
        if (source === undefined) {
          fail(`<Recall>: there is no chapter “${id}”${suggest(id, files.keys())}; there is ${[...files.keys()].join(', ')}`);
          continue;
        }
        const chapter = chapters.get(id) ?? (await readChapter(siteDir, source));
        chapters.set(id, chapter);
        const found = chapter.questions.get(question);
        if (!found) {
          const known = [...chapter.questions.keys()];
          const has = known.length > 0 ? known.join(', ') : 'none';
          fail(`<Recall>: ${source} has no question “${question}”${suggest(question, known)}; it has ${has}`);
          continue;
        }
        from.set(id, chapter);
        questions.push(copyOf(found, `recall${index === 0 ? '' : index + 1}-${id}-${question}`, node));
      }
      const quiz = flowElement('Quiz', {id: `recall${index === 0 ? '' : index + 1}-${page}`}, questions, node);
      node.children = [quiz, chapterLinks([...from.values()])] as typeof node.children;
    }
    if (problems.length > 0) throw new ProblemsError(problems);
  };
}

/** “From …, …”: a paragraph that leads to the chapters. */
function chapterLinks(chapters: readonly Chapter[]): RootContent {
  const links = chapters.map(({address, title}) => ({
    type: 'link' as const,
    url: address,
    children: [{type: 'text' as const, value: title}],
  }));
  return {
    type: 'paragraph',
    children: [
      {type: 'text', value: 'From '},
      ...links.flatMap((link, index) => (index > 0 ? [{type: 'text' as const, value: '; '}, link] : [link])),
    ],
  };
}
