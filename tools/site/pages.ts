import {readFileSync} from 'node:fs';
import path from 'node:path';
import {redirects} from '../../src/data/redirects.ts';
import {chapters} from '../../src/data/series.ts';

/** Folder of the built site. */
export const buildFolder = path.resolve(import.meta.dirname, '../../build');

/** Path under which the site is served, as in `docusaurus.config.ts`. */
export const baseUrl = process.env.BASE_URL ?? '/';

/**
 * The kinds of pages, told by their paths below the base path; a page is of the first kind that fits. All that the
 * site map lists must be of one: a new kind is to be added here, and is then tested like the others.
 */
const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['landing', /^$/],
  ['start', /^docs\/start\/$/],
  ['setup', /^docs\/setup\/$/],
  ['glossary', /^docs\/glossary\/$/],
  ['chapter', new RegExp(`^docs/(${chapters.flatMap(({doc}) => doc ?? []).join('|')})/$`)],
  ['doc', /^docs\/[a-z0-9-]+\/$/],
  ['blog', /^blog\/(page\/\d+\/)?$/],
  ['archive', /^blog\/archive\/$/],
  ['tags', /^blog\/tags\/$/],
  ['tag', /^blog\/tags\/.+$/],
  ['authors', /^blog\/authors\/$/],
  ['author', /^blog\/authors\/.+$/],
  ['post', /^blog\/.+$/],
  ['single page', /^[a-z0-9-]+\/$/],
];

/** A page of the site. */
export type SitePage = {
  /** Path below the base path, without a leading slash; empty for the landing page. */
  path: string;
  kind: string;
};

/** The kind of a page of the build, by its file such as `docs/start/index.html`. @throws Error when it is of no known kind */
export function kindOfFile(file: string): string {
  if (file === '404.html') return 'not found';
  const target = file.replace(/index\.html$/, '');
  if (redirects.some(({from}) => from === `/${target}`)) return 'redirect';
  return kindOf(target);
}

function kindOf(target: string): string {
  const kind = kinds.find(([, pattern]) => pattern.test(target))?.[0];
  if (!kind) throw new Error(`tools/site/pages.ts: ${target} is of no known kind; add it to "kinds"`);
  return kind;
}

/** Every page that the build's site map lists, and the page for what is not there. */
export function pages(): SitePage[] {
  const map = readFileSync(path.join(buildFolder, 'sitemap.xml'), 'utf8');
  const listed = [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => {
    const target = decodeURI(new URL(address ?? '').pathname).slice(baseUrl.length);
    return {path: target, kind: kindOf(target)};
  });
  return [...listed, {path: 'no/such/page/', kind: 'not found'}];
}

/** One page of each kind. */
export function onePageOfEachKind(): SitePage[] {
  return [
    ...new Map(
      pages()
        .reverse()
        .map((page) => [page.kind, page]),
    ).values(),
  ].reverse();
}

/** The chapter that tests and benches take for all chapters. @throws Error when it is not in the build */
export function chapterOne(): SitePage {
  const chapter = pages().find(({path: target}) => target === 'docs/namespaces/');
  if (!chapter) throw new Error('the built site has no page docs/namespaces/');
  return chapter;
}
