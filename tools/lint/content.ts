import type {Code, Definition, Heading, Image, Link, Root} from 'mdast';
import {toString} from 'mdast-util-to-string';
import path from 'node:path';
import {visit} from 'unist-util-visit';
import {parseDocument, parseMarkdown} from '../../plugins/markdown/documents.ts';
import {explicitId} from '../../plugins/markdown/links.ts';
import {ProblemsError, type Problem} from '../../plugins/markdown/problems.ts';

/** Languages whose fences show what a program printed or a file holds: such text is taken from the program or the file. */
const taken = new Set(['go', 'console', 'shell-session', 'sh-session', 'output', 'json', 'jsonc', 'log', 'diff']);
const shells = new Set(['bash', 'sh', 'shell', 'zsh', 'powershell']);

/** An anchor: words of small letters and digits, joined by hyphens. */
const anchor = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Whether a page of the site is made from the file; other Markdown is for people who work on the project. */
const isPage = (file: string): boolean => /^(docs|blog|src\/pages)\//.test(file);

/**
 * The project's own rules for prose, beyond what markdownlint knows.
 *
 * - Code and output in pages is taken from real files and recordings, never typed by hand.
 * - A fence names its language; commands to type stand alone, without a prompt.
 * - Headings of `docs/` carry an explicit id, so that a link to one survives a change of its words.
 * - Links to other sites are well-formed and use https; relative links of plain Markdown lead somewhere.
 *   (Links inside the site are checked by plugins/markdown/pages.ts, which knows all pages.)
 *
 * @param file path from the root, with `/`
 * @param exists whether the repository has a file or folder, by its path from the root
 */
export function checkContent(file: string, source: string, exists: (target: string) => boolean): Problem[] {
  const problems: Problem[] = [];
  const report = (line: number | undefined, message: string): void => void problems.push({file, line: line ?? 1, message});
  let tree: Root;
  try {
    tree = file.endsWith('.mdx') ? parseDocument(file, source) : parseMarkdown(source);
  } catch (error) {
    if (error instanceof ProblemsError) return [...error.problems];
    throw error;
  }
  visit(tree, (node) => {
    const line = node.position?.start.line;
    switch (node.type) {
      case 'code':
        if (isPage(file)) checkFence(node, line, report);
        break;
      case 'heading':
        if (file.startsWith('docs/')) checkHeading(node, line, report);
        break;
      case 'link':
      case 'definition':
      case 'image':
        checkLink(node, line, file, exists, report);
        break;
    }
  });
  return problems;
}

type Report = (line: number | undefined, message: string) => void;

function checkFence({lang, meta, value}: Code, line: number | undefined, report: Report): void {
  if (!lang) {
    report(line, 'a fence without a language; name it, or use text for a sketch');
    return;
  }
  const isTaken = /(^|\s)(file|of)=\S/.test(meta ?? '');
  if (taken.has(lang) && !isTaken) {
    const instead = ['go', 'json', 'jsonc', 'diff'].includes(lang)
      ? 'show a region of a real file (file=… region=…)'
      : 'show an experiment (of=…) or a recording (<Replay src="…"/>)';
    report(line, `${lang} typed by hand; ${instead}, or fence a sketch as text`);
  }
  if (shells.has(lang)) {
    const prompt = value.split('\n').findIndex((text) => /^\s*(\$|#\s*\$|[\w.-]+@[\w.-]+[:~]\S*[$#])\s/.test(text));
    if (prompt >= 0) report((line ?? 0) + prompt + 1, 'a prompt before a command; leave it out, so that the command can be copied');
  }
}

function checkHeading(heading: Heading, line: number | undefined, report: Report): void {
  if (heading.depth === 1) return;
  const id = explicitId(heading);
  const text = toString(heading).replace(/\{.*$/, '').trim();
  if (id === undefined) {
    report(line, `heading "${text}" has no id; add one at its end, as {/* #some-words */}, and keep it when the words change`);
  } else if (!anchor.test(id)) {
    report(line, `heading id "${id}"; use small letters, digits and single hyphens`);
  }
}

function checkLink(
  {url, type}: Link | Definition | Image,
  line: number | undefined,
  file: string,
  exists: (target: string) => boolean,
  report: Report,
): void {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined && !url.startsWith('//')) {
    // The site's own links are checked when it is built.
    if (isPage(file) || url.startsWith('#') || url.startsWith('/') || url === '') {
      if (url === '') report(line, `a ${type} that leads nowhere`);
      return;
    }
    const target = path.posix.join(path.posix.dirname(file), decodeURI(url.replace(/[?#].*$/, '')));
    if (!exists(target)) report(line, `link to ${url}: there is no ${target}`);
    return;
  }
  if (scheme === 'mailto') return;
  const local = /^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(`${url}/`);
  if (scheme !== 'https' && !local) {
    report(line, `link to ${url}: other sites are linked by https`);
  } else if (!URL.canParse(url) || /\s/.test(url)) {
    report(line, `link to ${url}: this is not an address`);
  } else if (!local && !new URL(url).hostname.includes('.')) {
    report(line, `link to ${url}: "${new URL(url).hostname}" is not a host name`);
  }
}
