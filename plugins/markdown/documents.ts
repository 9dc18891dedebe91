import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {escapeMarkdownHeadingIds, unwrapMdxCodeBlocks} from '@docusaurus/utils';
import type {Code, Root} from 'mdast';
import remarkDirective from 'remark-directive';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
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

/** Understands plain Markdown as GitHub shows it. */
const markdown = unified().use(remarkParse).use(remarkFrontmatter).use(remarkGfm).freeze();
/** Understands the Markdown that Docusaurus understands. */
const mdx = unified().use(remarkParse).use(remarkFrontmatter).use(remarkDirective).use(remarkGfm).use(remarkMdx).freeze();

/** The syntax tree of Markdown beside the pages: it has no components. */
export const parseMarkdown = (text: string): Root => markdown.parse(text);

/**
 * The syntax tree of a document.
 *
 * @param file its path from the root of the site, for messages
 * @param text its text, with front matter
 * @throws ProblemsError when it is not valid MDX
 */
export function parseDocument(file: string, text: string): Root {
  try {
    return mdx.parse(escapeMarkdownHeadingIds(unwrapMdxCodeBlocks(text)));
  } catch (error) {
    const {line, reason, message} = error as {line?: number; reason?: string; message: string};
    throw new ProblemsError([{file, ...explain(text, line ?? 1, reason ?? message)}]);
  }
}

/** What a writer reads of an error of the MDX parser, at the line where it begins rather than where it was noticed. */
function explain(text: string, line: number, reason: string): {line: number; message: string} {
  if (/acorn|in expression|closing brace/.test(reason)) {
    const open = unclosedBrace(text);
    const remedy = 'write \\{ for a brace of the text, or put it in backticks';
    if (open !== null) return {line: open, message: `“{” is not closed: from here on this would be JavaScript; ${remedy}`};
    return {line, message: `what is between “{” and “}” is not JavaScript (${reason}); ${remedy}`};
  }
  // “Expected a closing tag for `<Goals>` (14:1-14:8) before …” has the place of the tag that is open.
  const opened = /closing tag for `<[^>]*>` \((\d+):/.exec(reason)?.[1];
  return {line: opened === undefined ? line : Number(opened), message: `this is not valid MDX: ${reason}`};
}

/** Line of the first `{` outside code that nothing closes; null when each is closed. */
function unclosedBrace(text: string): number | null {
  // Code keeps its line feeds, and nothing else.
  const blank = (code: string): string => code.replace(/[^\n]/g, ' ');
  const prose = text
    .replace(/^---\n[^]*?\n---\n/, blank)
    .replace(/^( *)(`{3,}|~{3,})[^]*?^ *\2[`~]*$/gm, blank)
    .replace(/(`+)[^`]+?\1(?!`)/g, blank)
    .replace(/\\[{}]/g, '  ');
  const open: number[] = [];
  for (const [index, content] of prose.split('\n').entries()) {
    for (const character of content) {
      if (character === '{') open.push(index + 1);
      if (character === '}') open.pop();
    }
  }
  return open.at(0) ?? null;
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
