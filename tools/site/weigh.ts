import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {brotliCompressSync, constants} from 'node:zlib';
import {DomUtils, parseDocument} from 'htmlparser2';
import type {Weight} from '../../budgets.ts';

/** A file of which a page's weight is made up. */
export type Part = {
  kind: keyof Weight;
  /** Path from the build, with `/`. */
  file: string;
  /** Bytes as a static host sends it: compressed with brotli (quality 11) where that makes it smaller. */
  size: number;
};

const sizes = new Map<string, number>();

function sizeOf(file: string): number {
  let size = sizes.get(file);
  if (size === undefined) {
    const body = readFileSync(file);
    const packed = brotliCompressSync(body, {params: {[constants.BROTLI_PARAM_SIZE_HINT]: body.length}});
    sizes.set(file, (size = Math.min(body.length, packed.length)));
  }
  return size;
}

/** Addresses in a style sheet's `url()`. */
const urlsOf = (css: string): string[] => [...css.matchAll(/url\(\s*(['"]?)(.*?)\1\s*\)/g)].map(([, , address = '']) => address);

const isFont = (address: string): boolean => /\.(woff2?|ttf|otf)$/.test(address.replace(/[?#].*$/, ''));

/** What a page refers to and shows: kind and address of each. */
function references(html: string): [kind: keyof Weight, address: string][] {
  const found: [keyof Weight, string | undefined][] = [];
  for (const {name, attribs, children} of DomUtils.getElementsByTagName('*', parseDocument(html).children)) {
    const {src, srcset, href, poster, style = ''} = attribs;
    const relations = attribs.rel?.split(' ') ?? [];
    if (name === 'script') found.push(['js', src]);
    else if (name === 'link' && relations.includes('stylesheet')) found.push(['css', href]);
    else if (name === 'link' && attribs.as === 'font') found.push(['fonts', href]);
    else if (name === 'link' && attribs.as === 'image') found.push(['pictures', href]);
    else if (name === 'link' && relations.some((relation) => relation.endsWith('icon'))) found.push(['pictures', href]);
    else if (name === 'a' && href?.endsWith('.cast')) found.push(['recordings', href], ['recordings', href.replace(/cast$/, 'json')]);
    else if (['img', 'source', 'video', 'audio', 'track', 'embed', 'iframe', 'input'].includes(name)) found.push(['pictures', src]);
    else if (name === 'image' || name === 'use') found.push(['pictures', href ?? attribs['xlink:href']]);
    else if (name === 'object') found.push(['pictures', attribs.data]);
    for (const candidate of (srcset ?? '').split(/,\s+/)) if (candidate) found.push(['pictures', candidate.trim().split(/\s/)[0]]);
    if (poster) found.push(['pictures', poster]);
    for (const address of urlsOf(name === 'style' ? DomUtils.textContent(children) : style)) found.push(['pictures', address]);
  }
  return found.flatMap(([kind, address]) => (address === undefined ? [] : [[kind, address]]));
}

/**
 * All that a page may fetch from the site when it is read to its end and its recordings are played, but for the scripts that it
 * loads as it runs. It is told from the files alone: what a browser leaves for later, such as a picture further down, counts.
 *
 * @param folder the built site
 * @param file the page, from there
 * @param baseUrl path under which the site is served
 */
export function weigh(folder: string, file: string, baseUrl: string): Part[] {
  const parts = new Map<string, Part>();
  const add = (kind: keyof Weight, address: string, from: string): void => {
    const base = new URL(`${baseUrl}${from}`, 'https://site.invalid');
    const url = new URL(address, base);
    if (url.origin !== base.origin || !url.pathname.startsWith(baseUrl)) return;
    const target = decodeURI(url.pathname.slice(baseUrl.length));
    // A drawing in the page itself, such as href="#arrow"; links that lead nowhere are found by another test.
    if (target === from || target === from.replace(/index\.html$/, '') || parts.has(target)) return;
    const full = path.join(folder, target);
    if (!existsSync(full)) return;
    parts.set(target, {kind, file: target, size: sizeOf(full)});
    if (kind === 'css') {
      for (const inner of urlsOf(readFileSync(full, 'utf8'))) add(isFont(inner) ? 'fonts' : 'pictures', inner, target);
    }
  };
  parts.set(file, {kind: 'html', file, size: sizeOf(path.join(folder, file))});
  for (const [kind, address] of references(readFileSync(path.join(folder, file), 'utf8'))) add(kind, address, file);
  return [...parts.values()];
}

/** Pages of a built site: files from its folder, with `/`. Fragments of HTML, which static folders hold, are none. */
export function htmlPages(folder: string): string[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter((file) => file.endsWith('.html') && /^<!doctype html>/i.test(readFileSync(path.join(folder, file), 'utf8').slice(0, 20)))
    .map((file) => file.split(path.sep).join('/'))
    .sort();
}

const remedies: Readonly<Record<keyof Weight, string>> = {
  html: 'Split the page, or show less code at once.',
  css: 'See which style grew; styles of one component belong into its module.',
  js: 'Load what only some readers use when they use it (import()), and see what was added to every page.',
  pictures: 'Scale the picture to twice the width at which it is shown, draw it as a diagram or SVG, or save it as WebP or AVIF.',
  fonts: 'Use a subset with the letters that are needed, in WOFF2.',
  recordings: 'Record less output, or split the recording in two.',
};

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

/**
 * What a page weighs too much, one line for each kind of file that is over its budget: the page, the size, the heaviest
 * files and what to do. Empty when all hold.
 */
export function overweight(page: string, kind: string, parts: readonly Part[], budget: Weight): string[] {
  return (Object.keys(budget) as (keyof Weight)[]).flatMap((what) => {
    const own = parts.filter((part) => part.kind === what).sort((a, b) => b.size - a.size);
    const total = own.reduce((sum, {size}) => sum + size, 0);
    if (total <= budget[what]) return [];
    const heaviest = own.slice(0, 3).map(({file, size}) => `${file} (${kilobytes(size)})`);
    const limit = `and the budget of its kind (${kind}) is ${kilobytes(budget[what])} (budgets.ts, weights)`;
    return [`/${page}: ${kilobytes(total)} of ${what}, ${limit}. Heaviest: ${heaviest.join(', ')}. ${remedies[what]}`];
  });
}
