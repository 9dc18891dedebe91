import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';
import type {Code, Root} from 'mdast';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import {SKIP, visit} from 'unist-util-visit';
import type {VFile} from 'vfile';
import '../listings/index.ts';
import {lineOf} from '../markdown/documents.ts';
import {parseMeta} from '../markdown/meta.ts';
import {ProblemsError, relative, suggest, type Problem} from '../markdown/problems.ts';
import {parseConsole} from './console.ts';
import {languageNames} from './prism.ts';
import {renderCode} from './render.ts';

export type HighlightOptions = {
  siteDir: string;
  /** Address of the repository's web pages; listings link to `<repository>/blob/<branch>/<file>#L1-L9`. */
  repository: string;
  /** Branch that the links show. */
  branch: string;
};

/** The lines that a listing shows, for its link and its label. */
function extent(numbers: readonly (number | null)[]): {first: number; last: number} {
  const shown = numbers.filter((number) => number !== null);
  // A listing may show declarations in another order than the file.
  return shown.length > 0 ? {first: Math.min(...shown), last: Math.max(...shown)} : {first: 1, last: 1};
}

/**
 * Turns each code block into `<CodeBlock html="…">` with its tokens marked up: a remark plugin, to run after those that
 * fill or replace fences.
 *
 * @throws ProblemsError for all code blocks of the document that have an unknown language or attribute
 */
export function remarkHighlight({siteDir, repository, branch}: HighlightOptions) {
  return (root: Root, document: VFile): void => {
    const file = relative(siteDir, document.path);
    const problems: Problem[] = [];
    visit(root, 'code', (node: Code, index, parent) => {
      const fail = (message: string): void => void problems.push({file, line: lineOf(node), message});
      if (!parent || index === undefined) return;
      const language = node.lang ?? '';
      const {attributes, emphasised, problems: metaProblems} = parseMeta(node.meta);
      metaProblems.forEach(fail);
      if (language === '') {
        fail('a code block without a language; write ```text for a sketch that is not a program');
        return;
      }
      const listing = node.data?.listing;
      const count = node.value.split('\n').length;
      const beyond = listing ? undefined : emphasised.find((line) => line > count);
      if (beyond !== undefined) fail(`there is no line ${beyond} to emphasise; the code has ${count}`);
      const html = renderCode(node.value, language, {...(listing ? {lines: listing.lines} : {}), emphasised});
      if (html === null) {
        fail(`unknown language “${language}”${suggest(language, languageNames)}; write \`\`\`text for plain text`);
        return;
      }
      if (language === 'console' && !parseConsole(node.value).some(({kind}) => kind === 'command'))
        fail('a console fence without a command; begin each command with “$ ”, or write ```text for output alone');
      const props: Record<string, string> = {html, language};
      if (node.data?.typed) props.typed = '';
      if (attributes.title !== undefined) props.title = attributes.title;
      if (listing) {
        const {first, last} = extent(listing.lines.map(({number}) => number));
        props.file = listing.file;
        props.lines = first === last ? String(first) : `${first}–${last}`;
        props.href = `${repository}/blob/${branch}/${listing.file}#L${first}${first === last ? '' : `-L${last}`}`;
        if (listing.since !== undefined) props.since = listing.since;
        if (listing.whole) {
          const lines = listing.whole;
          props.whole = renderCode(lines.map(({text}) => text).join('\n'), language, {lines, emphasised}) ?? '';
          props.length = String(lines.length);
        }
      }
      const element: MdxJsxFlowElement = {
        type: 'mdxJsxFlowElement',
        name: 'CodeBlock',
        attributes: Object.entries(props).map(([name, value]) => ({type: 'mdxJsxAttribute', name, value})),
        children: [],
        ...(node.position ? {position: node.position} : {}),
      };
      parent.children[index] = element;
      return SKIP;
    });
    if (problems.length > 0) throw new ProblemsError(problems);
  };
}

/** Keeps Prism out of the site's bundles: {@link remarkHighlight} has done its work before they are made. */
export default function highlight(context: LoadContext): Plugin {
  return {
    name: 'highlight',
    configureWebpack: () => ({
      resolve: {alias: {'prism-react-renderer': path.join(context.siteDir, 'plugins/highlight/no-prism.ts')}},
    }),
  };
}
