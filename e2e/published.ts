import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {DomUtils, parseDocument} from 'htmlparser2';
import {baseUrl, buildFolder} from '../tools/site/pages.ts';

/** A built page, and what its head says. */
export type Page = {
  /** Path from the build, such as `docs/start/index.html`. */
  file: string;
  /** Path of its address below the origin, such as `/docs/start/`. */
  address: string;
  title: string;
  /** Content of `<meta>`, by `name` or `property`; each is to be there once. */
  meta: Map<string, string[]>;
  /** `<link>`s: their attributes. */
  links: Record<string, string>[];
  /** Whether it leads on to another page at once. */
  isRedirect: boolean;
  /** Blocks of JSON-LD, parsed. @throws SyntaxError when one is not JSON */
  data: unknown[];
};

function read(file: string): Page | null {
  const html = readFileSync(path.join(buildFolder, file), 'utf8');
  // Static folders hold fragments of HTML, which are not pages.
  if (!/^<!doctype html>/i.test(html)) return null;
  const all = DomUtils.getElementsByTagName('*', parseDocument(html).children);
  const named = (name: string): typeof all => all.filter((element) => element.name === name);
  const meta = new Map<string, string[]>();
  for (const {attribs} of named('meta')) {
    const key = attribs.name ?? attribs.property;
    if (key !== undefined && attribs.media === undefined) meta.set(key, [...(meta.get(key) ?? []), attribs.content ?? '']);
  }
  return {
    file,
    address: `${baseUrl}${file.replace(/(^|\/)index\.html$/, '$1')}`,
    title: named('title')
      .filter(({parent}) => parent && 'name' in parent && parent.name === 'head')
      .map((element) => DomUtils.textContent(element))
      .join(),
    meta,
    links: named('link').map(({attribs}) => attribs),
    isRedirect: named('meta').some(({attribs}) => attribs['http-equiv'] === 'refresh'),
    data: named('script')
      .filter(({attribs}) => attribs.type === 'application/ld+json')
      .map((element): unknown => JSON.parse(DomUtils.textContent(element))),
  };
}

/** Every page of the build, redirects among them. */
export const published: readonly Page[] = readdirSync(buildFolder, {recursive: true, encoding: 'utf8'})
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => file.endsWith('.html'))
  .sort()
  .flatMap((file) => read(file) ?? []);

/** Address of the site with its base path, as the build has it: that which its landing page calls canonical. */
export const siteUrl = published.find(({file}) => file === 'index.html')?.links.find(({rel}) => rel === 'canonical')?.href ?? '';
