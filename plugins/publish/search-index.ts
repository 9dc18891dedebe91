import {execFile} from 'node:child_process';
import {readdirSync, rmSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';

/** Parts of a page's article that are about the page, or that help in using it, and are not part of its text. */
const excluded = [
  'nav',
  'button',
  'footer',
  'header > div',
  'svg',
  '.hash-link',
  '.theme-doc-toc-mobile',
  '.theme-doc-footer',
  '[data-search-ignore]',
];

/**
 * A page whose article is to be found by search. Once one page is marked so, Pagefind leaves out all that are not.
 *
 * @param file where the page is, for errors
 * @throws Error when the page has no `<article>`
 */
export function withSearchedArticle(html: string, file: string): string {
  const marked = html.replace(/<article(?=[\s>])/, '<article data-pagefind-body');
  if (marked === html) throw new Error(`${file}: no <article> for the search index to read`);
  return marked;
}

/**
 * Writes the search index of a built site to `<outDir>/pagefind`. Pagefind's own Node API is an ES module, which the
 * loader of the site's plugins cannot load; its command line does the same.
 *
 * @throws Error with Pagefind's output when it fails
 */
export async function writeSearchIndex(siteDir: string, outDir: string): Promise<void> {
  const command = path.join(siteDir, 'node_modules/pagefind/lib/runner/bin.cjs');
  const flags = [
    ['--site', outDir],
    ['--force-language', 'en'],
    // Linux names such as CLONE_NEWPID and pivot_root are one word.
    ['--include-characters', '_'],
    ...excluded.map((selector) => ['--exclude-selectors', selector]),
  ];
  try {
    await promisify(execFile)(process.execPath, [command, '--quiet', ...flags.flat()]);
  } catch (error) {
    const {stdout = '', stderr = ''} = error as {stdout?: string; stderr?: string};
    throw new Error(`search: Pagefind could not index ${outDir}\n${stdout}${stderr}`, {cause: error});
  }
  // Pagefind's ready-made interfaces: the site has its own.
  const folder = path.join(outDir, 'pagefind');
  for (const file of readdirSync(folder)) if (/-ui\.|-highlight\./.test(file)) rmSync(path.join(folder, file));
}
