import {readdirSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {parse, type DefaultTreeAdapterTypes} from 'parse5';
import {describe, expect, it} from 'vitest';
import {baseUrl, buildFolder} from '../tools/site/pages.ts';

/** What a page refers to and can be referred to by. */
type Document = {
  /** Path of its address, such as `/docs/start/`. */
  address: string;
  ids: string[];
  /** Addresses that it links to. */
  links: string[];
  /** Addresses that it loads. */
  loads: string[];
};

/** Origin for resolving addresses; the build's own absolute addresses have the one it was built for. */
const origin = 'https://site.invalid';
const siteUrl =
  process.env.SITE_URL ??
  /<link[^>]*rel="?canonical"?[^>]*>/
    .exec(readFileSync(path.join(buildFolder, 'index.html'), 'utf8'))?.[0]
    .match(/href="?([^"\s>]+)/)?.[1] ??
  origin;

/** Elements that load what they refer to; others, such as `a`, only lead there. */
const loading = new Set(['script', 'img', 'source', 'iframe', 'video', 'audio', 'embed', 'object', 'track']);
const loadingRelations = new Set(['stylesheet', 'icon', 'preload', 'modulepreload', 'manifest']);

function read(file: string): Document {
  const document: Document = {
    address: baseUrl + file.replaceAll('\\', '/').replace(/(^|\/)index\.html$/, '$1'),
    ids: [],
    links: [],
    loads: [],
  };
  const walk = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node) {
      const attributes = new Map(node.attrs.map(({name, prefix, value}) => [prefix ? `${prefix}:${name}` : name, value]));
      const id = attributes.get('id');
      if (id) document.ids.push(id);
      const target = attributes.get('href') ?? attributes.get('xlink:href') ?? attributes.get('src') ?? attributes.get('data');
      const loads = loading.has(node.tagName) || (node.tagName === 'link' && loadingRelations.has(attributes.get('rel') ?? ''));
      // Relations such as canonical name an address without leading anywhere in this build.
      if (target !== undefined && (loads || node.tagName !== 'link')) (loads ? document.loads : document.links).push(target);
      for (const candidate of attributes.get('srcset')?.split(',') ?? []) document.loads.push(candidate.trim().split(/\s/)[0] ?? '');
    }
    if ('content' in node) walk(node.content);
    if ('childNodes' in node) node.childNodes.forEach(walk);
  };
  walk(parse(readFileSync(path.join(buildFolder, file), 'utf8')));
  return document;
}

const documents = readdirSync(buildFolder, {recursive: true, encoding: 'utf8'})
  .filter((file) => file.endsWith('.html') && !path.basename(file).includes('.poster.') && !path.basename(file).includes('.transcript.'))
  .map(read);
const byAddress = new Map(documents.map((document) => [document.address, document]));

/** Why an address leads nowhere, or null when it leads somewhere or is another site's. */
function broken(from: Document, target: string): string | null {
  const url = new URL(target, new URL(from.address, origin));
  if (url.origin !== origin && url.origin !== new URL(siteUrl).origin) return null;
  const address = decodeURI(url.pathname);
  if (!address.startsWith(baseUrl)) return `${target}: outside the base path ${baseUrl}`;
  const document = byAddress.get(address);
  if (!document) {
    const file = statSync(path.join(buildFolder, address.slice(baseUrl.length)), {throwIfNoEntry: false});
    return file?.isFile() ? null : `${target}: no such page or file`;
  }
  const fragment = decodeURIComponent(url.hash.slice(1));
  // `#name@12.5` is a moment of the recording #name; `#:~:text=` is the browser's.
  const id = fragment.replace(/@[\d.]+$/, '').replace(/:~:.*$/, '');
  return id === '' || document.ids.includes(id) ? null : `${target}: no id "${id}" there`;
}

describe.each(documents)('the page $address', (document) => {
  it('links to nothing that is not there', () => {
    const problems = [...document.links, ...document.loads].map((target) => broken(document, target)).filter((problem) => problem !== null);
    expect([...new Set(problems)]).toEqual([]);
  });

  it('loads nothing from another origin', () => {
    expect(document.loads.filter((target) => !target.startsWith('data:') && new URL(target, origin).origin !== origin)).toEqual([]);
  });

  it('uses each id once', () => {
    expect(document.ids.filter((id, index) => document.ids.indexOf(id) !== index)).toEqual([]);
  });
});
