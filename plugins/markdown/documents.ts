import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {escapeMarkdownHeadingIds, unwrapMdxCodeBlocks} from '@docusaurus/utils';
import type {Code, Root} from 'mdast';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkMdx from 'remark-mdx';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {visit} from 'unist-util-visit';
import {ProblemsError, relative, type Problem} from './problems.ts';

/** Folders whose Markdown becomes pages. */
export const documentFolders = ['docs', 'blog', 'src/pages'];

/** A fence of a document. */
export type Fence = {
  /** Document, from the root of the site. */
  file: string;
  /** Line of the opening fence. */
  line: number;
  lang: string;
  meta: string;
  /** What is between the fences. */
  value: string;
};

/** Line of a node in its file, from 1; nodes that a plugin made have none and count as the first line. */
export function lineOf(node: {position?: {start: {line: number}} | undefined}): number {
  return node.position?.start.line ?? 1;
}

/** Finds all files below a folder whose name passes; a missing folder has none. Hidden files and node_modules are skipped. */
export async function findFiles(folder: string, passes: (name: string) => boolean): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, {withFileTypes: true});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    if (entry.isDirectory()) found.push(...(await findFiles(file, passes)));
    else if (entry.isFile() && passes(entry.name)) found.push(file);
  }
  return found;
}

/** Understands the Markdown that Docusaurus understands, as far as it matters to where code fences are. */
const parser = unified().use(remarkParse).use(remarkFrontmatter).use(remarkDirective).use(remarkMdx).freeze();

/**
 * The syntax tree of a document.
 *
 * @param file its path from the root of the site, for messages
 * @param text its text, with front matter
 * @throws ProblemsError when it is not valid MDX
 */
export function parseDocument(file: string, text: string): Root {
  try {
    return parser.parse(escapeMarkdownHeadingIds(unwrapMdxCodeBlocks(text)));
  } catch (error) {
    const {line, message} = error as {line?: number; message: string};
    throw new ProblemsError([{file, line: line ?? 1, message}]);
  }
}

/**
 * Fences of a document.
 *
 * @param file its path from the root of the site, for messages
 * @param text its text, with front matter
 * @throws ProblemsError when it is not valid MDX
 */
export function parseFences(file: string, text: string): Fence[] {
  const fences: Fence[] = [];
  visit(parseDocument(file, text), 'code', (node: Code) => {
    fences.push({file, line: lineOf(node), lang: node.lang ?? '', meta: node.meta ?? '', value: node.value});
  });
  return fences;
}

/**
 * Fences of all documents of the site.
 *
 * @param siteDir root of the site
 * @returns the fences, and a problem for each document that could not be read
 */
export async function readAllFences(siteDir: string): Promise<{fences: Fence[]; problems: Problem[]}> {
  const fences: Fence[] = [];
  const problems: Problem[] = [];
  for (const folder of documentFolders) {
    for (const document of await findFiles(path.join(siteDir, folder), (name) => /\.mdx?$/.test(name))) {
      const file = relative(siteDir, document);
      try {
        fences.push(...parseFences(file, await readFile(document, 'utf8')));
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error;
        problems.push(...error.problems);
      }
    }
  }
  return {fences, problems};
}
