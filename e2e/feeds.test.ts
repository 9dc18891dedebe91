// @vitest-environment jsdom
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {parseAtomFeed, parseRssFeed} from 'feedsmith';
import {DomUtils, parseDocument} from 'htmlparser2';
import * as v from 'valibot';
import {describe, expect, it} from 'vitest';
import {chapterPath, chapters} from '../src/data/series.ts';
import {buildFolder, pages} from '../tools/site/pages.ts';
import {siteUrl} from './published.ts';

const folders = ['blog', 'docs', 'changes'] as const;
const read = (file: string): string => readFileSync(path.join(buildFolder, file), 'utf8');
/** An XML document. @throws when it is not well-formed */
function xml(file: string): Document {
  const document = new DOMParser().parseFromString(read(file), 'application/xml');
  const [error] = document.getElementsByTagName('parsererror');
  if (error) throw new Error(`${file}: ${error.textContent}`);
  return document;
}
const atom = 'http://www.w3.org/2005/Atom';
const all = (element: Element | Document, space: string, name: string): Element[] => [...element.getElementsByTagNameNS(space, name)];
const children = (element: Element, name: string): string[] =>
  [...element.children].filter(({localName}) => localName === name).map(({textContent}) => textContent);

const url = v.pipe(v.string(), v.url());
/** RFC 3339, as JSON Feed and Atom ask for. */
const date = v.pipe(v.string(), v.isoTimestamp());
/** JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), with what this site's feeds must have of what it leaves open. */
const jsonFeed = v.strictObject({
  version: v.literal('https://jsonfeed.org/version/1.1'),
  title: v.pipe(v.string(), v.nonEmpty()),
  description: v.string(),
  home_page_url: url,
  feed_url: url,
  icon: url,
  language: v.literal('en'),
  authors: v.pipe(v.array(v.strictObject({name: v.string(), url})), v.nonEmpty()),
  items: v.pipe(
    v.array(
      v.strictObject({
        id: url,
        url,
        title: v.pipe(v.string(), v.nonEmpty()),
        summary: v.pipe(v.string(), v.nonEmpty()),
        content_html: v.pipe(v.string(), v.nonEmpty()),
        date_published: date,
        date_modified: date,
        tags: v.optional(v.array(v.string())),
      }),
    ),
    v.nonEmpty(),
  ),
});
const json = (folder: string): v.InferOutput<typeof jsonFeed> => v.parse(jsonFeed, JSON.parse(read(`${folder}/feed.json`)));

describe.each(folders)('the feeds of %s', (folder) => {
  const self = (file: string): string => `${siteUrl}${folder}/${file}`;

  it('are JSON Feed 1.1 with dates', () => {
    const feed = json(folder);
    expect(feed.feed_url).toBe(self('feed.json'));
    expect(new Set(feed.items.map(({id}) => id)).size).toBe(feed.items.length);
    for (const item of feed.items) expect(item.date_modified >= item.date_published).toBe(true);
    const dates = feed.items.map(({date_published}) => date_published);
    expect(dates).toEqual([...dates].sort().reverse());
  });

  it('are Atom, with all that RFC 4287 asks of a feed and of an entry', () => {
    const feed = xml(`${folder}/atom.xml`).documentElement;
    expect([feed.namespaceURI, feed.localName]).toEqual([atom, 'feed']);
    // Sections 4.1.1 and 4.1.2: exactly one of each, and an author for every entry.
    for (const element of [feed, ...all(feed, atom, 'entry')]) {
      for (const name of ['id', 'title', 'updated']) expect(children(element, name)).toHaveLength(1);
      expect(URL.canParse(children(element, 'id')[0] ?? '')).toBe(true);
      expect(v.is(date, children(element, 'updated')[0])).toBe(true);
    }
    expect(children(feed, 'author')).toHaveLength(1);
    const links = [...feed.children].filter(({localName}) => localName === 'link');
    expect(links.map((link) => [link.getAttribute('rel'), link.getAttribute('href')])).toContainEqual(['self', self('atom.xml')]);
    expect(parseAtomFeed(read(`${folder}/atom.xml`)).entries?.length).toBe(json(folder).items.length);
  });

  it('are RSS 2.0 that names its own address', () => {
    const document = xml(`${folder}/rss.xml`);
    expect(document.documentElement.getAttribute('version')).toBe('2.0');
    const [channel] = all(document, '', 'channel');
    if (!channel) throw new Error('no channel');
    for (const name of ['title', 'description']) expect(children(channel, name)).toHaveLength(1);
    const [link] = all(channel, atom, 'link');
    expect([link?.getAttribute('rel'), link?.getAttribute('href')]).toEqual(['self', self('rss.xml')]);
    for (const item of all(channel, '', 'item')) {
      expect(Number.isNaN(Date.parse(children(item, 'pubDate')[0] ?? ''))).toBe(false);
      expect(children(item, 'guid')).toEqual(children(item, 'link'));
    }
    expect(parseRssFeed(read(`${folder}/rss.xml`)).items?.length).toBe(json(folder).items.length);
  });

  it('lead to pages that are there', () => {
    const gone = json(folder).items.filter((item) => {
      const {pathname, hash} = new URL(item.url);
      const file = path.join(buildFolder, pathname.slice(new URL(siteUrl).pathname.length), 'index.html');
      return (
        !existsSync(file) || (hash !== '' && !DomUtils.getElementById(hash.slice(1), parseDocument(readFileSync(file, 'utf8')).children))
      );
    });
    expect(gone.map((item) => item.url)).toEqual([]);
  });

  it('have content without class names, links of headings to themselves, scripts and relative addresses', () => {
    for (const {content_html: html} of json(folder).items) {
      const elements = DomUtils.getElementsByTagName('*', parseDocument(html).children);
      const odd = elements.flatMap(({name, attribs}) => [
        ...['script', 'style', 'button', 'svg', 'div', 'span'].filter((unwanted) => name === unwanted),
        ...Object.keys(attribs).filter((attribute) => /^(class|style|id|role|tabindex|translate|on.*|aria-.*|data-.*)$/.test(attribute)),
        ...[attribs.href, attribs.src].filter((address) => address !== undefined && !URL.canParse(address)),
      ]);
      expect(odd).toEqual([]);
    }
  });
});

it('the feed of posts has every post, with its text', () => {
  const {items} = json('blog');
  const posts = pages().filter(({kind}) => kind === 'post');
  expect(items.map((item) => item.url).sort()).toEqual(posts.map(({path: target}) => `${siteUrl}${target}`).sort());
  for (const item of items) expect(item.content_html.length).toBeGreaterThan(1000);
});

it('the feed of chapters has every written chapter, dated by the series', () => {
  const written = chapters.filter((chapter) => chapterPath(chapter) !== undefined);
  const items = json('docs').items.map(({url: address, date_published}) => [address, date_published.slice(0, 10)]);
  expect(items.sort()).toEqual(written.map((chapter) => [`${siteUrl}${chapterPath(chapter)?.slice(1) ?? ''}`, chapter.since]).sort());
});
