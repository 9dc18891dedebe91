import {cpSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {Code, Root} from 'mdast';
import remarkFrontmatter from 'remark-frontmatter';
import remarkMdx from 'remark-mdx';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {visit} from 'unist-util-visit';
import {VFile} from 'vfile';
import {remarkExperiments} from '../../plugins/experiments/index.ts';
import {remarkListings} from '../../plugins/listings/index.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The document that is built on both sides. */
const source = 'docs/01-namespaces.mdx';

/** Page of the chapter in the peer. */
export const peerPage = 'docs/chapter/';

/** What plain Markdown has in the place of one of our tags. All others give way to what is in them. */
const plain: readonly (readonly [RegExp, string])[] = [
  [/<Replay src="([\w-]+)"[^>]*\/>/g, '<Recording src="/recordings/$1.cast" />'],
  [/<Deeper title="([^"]*)">/g, '<details>\n<summary>Deeper: $1</summary>\n'],
  [/<Solution>/g, '<details>\n<summary>Solution</summary>\n'],
  [/<Why>/g, '<details>\n<summary>Why</summary>\n'],
  [/<\/(?:Deeper|Solution|Why)>/g, '\n</details>\n'],
  [/<Expect>(.*?)<\/Expect>/g, '**You expect:** $1\n'],
  [/<Get>(.*?)<\/Get>/g, '**You get:** $1\n'],
  [/<Choice(?: correct)?>(.*?)<\/Choice>/g, '- $1\n'],
  [/<\/?(?!Recording\b)[A-Z]\w*(?:\s[^<>]*?)?\/?>/g, '\n'],
  // The pages that it links to are not in the peer.
  [/\]\((?:\.\/|\/)[^)\s]*\)/g, '](/docs/intro)'],
];

/**
 * A chapter as an author without our plugins and components would have it: listings and terminal sessions are filled
 * as in ours, diagrams are left as fences, folded parts are `details`.
 *
 * @param text source of the chapter
 * @param file its path from the root of the repository, for what it refers to
 */
export async function plainChapter(text: string, file: string): Promise<string> {
  const document = new VFile({path: path.join(root, file), value: text});
  const tree: Root = unified().use(remarkParse).use(remarkFrontmatter).use(remarkMdx).parse(document);
  await remarkListings({siteDir: root})(tree, document);
  await remarkExperiments({siteDir: root})(tree, document);
  let written = '';
  let end = 0;
  const prose = (part: string): string => plain.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), part);
  visit(tree, 'code', (node: Code) => {
    const [from, to] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0];
    const listing = node.data?.listing;
    const title = listing ? ` title="${listing.file}"` : '';
    // Prism knows a terminal session by another name.
    const language = node.lang === 'console' ? 'bash' : (node.lang ?? 'text');
    written += `${prose(text.slice(end, from))}\`\`\`\`${language}${title}\n${node.value}\n\`\`\`\``;
    end = to;
  });
  return written + prose(text.slice(end));
}

/** The chapter as the peer has it. */
export const peerChapter = (): Promise<string> => plainChapter(readFileSync(path.join(root, source), 'utf8'), source);

/** Loads asciinema's player as its documentation does for React, and shows the recording at its first frame. */
const recording = `import React, {useEffect, useRef} from 'react';
import 'asciinema-player/dist/bundle/asciinema-player.css';

export default function Recording({src}) {
  const ref = useRef(null);
  useEffect(() => {
    let player;
    let gone = false;
    import('asciinema-player').then(({create}) => {
      if (!gone) player = create(src, ref.current, {poster: 'npt:0:03'});
    });
    return () => {
      gone = true;
      player?.dispose();
    };
  }, [src]);
  return <div ref={ref} />;
}
`;

const components = `import MDXComponents from '@theme-original/MDXComponents';
import Recording from '@site/src/components/Recording';

export default {...MDXComponents, Recording};
`;

const config = `import starter from './starter.config.js';

export default {
  ...starter,
  onBrokenLinks: 'ignore',
  onBrokenAnchors: 'ignore',
  markdown: {...starter.markdown, mermaid: true},
  themes: ['@docusaurus/theme-mermaid'],
  themeConfig: {...starter.themeConfig, prism: {...starter.themeConfig.prism, additionalLanguages: ['bash', 'go']}},
};
`;

/**
 * Adds our chapter to a stock starter, with the theme's diagrams and code blocks, and with asciinema's player for its
 * recordings.
 *
 * @param site folder of the starter, as create-docusaurus made it
 */
export async function addChapter(site: string): Promise<void> {
  renameSync(path.join(site, 'docusaurus.config.js'), path.join(site, 'starter.config.js'));
  for (const [file, text] of [
    ['docusaurus.config.js', config],
    ['src/components/Recording/index.js', recording],
    ['src/theme/MDXComponents.js', components],
    ['docs/chapter.mdx', await peerChapter()],
  ] as const) {
    mkdirSync(path.dirname(path.join(site, file)), {recursive: true});
    writeFileSync(path.join(site, file), text);
  }
  cpSync(path.join(root, 'static/recordings'), path.join(site, 'static/recordings'), {recursive: true});
}
