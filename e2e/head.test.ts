import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {redirects} from '../src/data/redirects.ts';
import {baseUrl, buildFolder, pages} from '../tools/site/pages.ts';
import {published, siteUrl, type Page} from './published.ts';

const name = 'Sheep & Shepherd';
const real = published.filter(({isRedirect}) => !isRedirect);
const one = ({meta}: Page, key: string): string => {
  expect([key, meta.get(key)?.length]).toEqual([key, 1]);
  return meta.get(key)?.[0] ?? '';
};
/** Where a page is on the web, by the path of its address. */
const absolute = (address: string): string => `${siteUrl}${address.slice(baseUrl.length)}`;
const exists = (url: string): boolean => {
  const file = path.join(buildFolder, decodeURI(new URL(url, siteUrl).pathname).slice(baseUrl.length));
  return existsSync(file.endsWith(path.sep) ? path.join(file, 'index.html') : file);
};

describe.each(real)('the head of $file', (page) => {
  it('has a title of its own that names the site', () => {
    expect(page.title).toContain(name);
    expect(page.title.length).toBeGreaterThan(name.length + 3);
  });

  it('describes the page in a sentence', () => {
    const description = one(page, 'description');
    expect(description.length).toBeGreaterThanOrEqual(20);
    expect(description.length).toBeLessThanOrEqual(300);
    expect(one(page, 'og:description')).toBe(description);
  });

  it('says what is shared: kind, site, title, picture', () => {
    expect(['website', 'article']).toContain(one(page, 'og:type'));
    expect(one(page, 'og:site_name')).toBe(name);
    expect(one(page, 'og:title')).toBe(page.title);
    expect(one(page, 'twitter:card')).toBe('summary_large_image');
    expect(exists(one(page, 'og:image'))).toBe(true);
    expect(one(page, 'og:image:alt')).not.toBe('');
  });

  it('has one canonical address, its own, unless it has none', () => {
    const canonical = page.links.filter(({rel}) => rel === 'canonical').map(({href}) => href);
    if (page.file === '404.html') {
      expect(canonical).toEqual([]);
      expect(page.meta.get('og:url')).toBeUndefined();
      expect(page.links.filter(({hreflang}) => hreflang !== undefined)).toEqual([]);
      expect(one(page, 'robots')).toBe('noindex');
    } else {
      expect(canonical).toEqual([absolute(page.address)]);
      expect(one(page, 'og:url')).toBe(absolute(page.address));
      expect(page.meta.get('robots')).toBeUndefined();
    }
  });

  it('names feeds that are there', () => {
    const feeds = page.links.filter(({rel, type}) => rel === 'alternate' && type !== undefined);
    expect(feeds.map(({type}) => type)).toEqual(
      expect.arrayContaining(['application/atom+xml', 'application/rss+xml', 'application/feed+json']),
    );
    expect(feeds.filter(({href}) => !exists(href ?? ''))).toEqual([]);
    expect(new Set(feeds.map(({title}) => title)).size).toBe(feeds.length);
  });

  it('has structured data whose addresses are those of pages', () => {
    const addresses: string[] = [];
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) {
        expect(value).not.toEqual([]);
        value.forEach(walk);
      } else if (typeof value === 'object' && value !== null) {
        for (const [key, part] of Object.entries(value)) {
          if (['@id', 'url', 'mainEntityOfPage'].includes(key) && typeof part === 'string') addresses.push(part);
          walk(part);
        }
      }
    };
    for (const block of page.data) {
      expect(block).toMatchObject({'@context': 'https://schema.org', '@id': absolute(page.address)});
      walk(block);
    }
    expect(addresses.filter((address) => !URL.canParse(address) || (address.startsWith(siteUrl) && !exists(address)))).toEqual([]);
    expect(addresses.filter((address) => address.startsWith(siteUrl) && !address.endsWith('/'))).toEqual([]);
  });
});

it('no two pages have the same title', () => {
  const titles = real.map(({title}) => title);
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
});

it('posts have structured data', () => {
  for (const {path: target} of pages().filter(({kind}) => kind === 'post')) {
    expect(published.find(({address}) => address === `${baseUrl}${target}`)?.data).toMatchObject([{'@type': 'BlogPosting'}]);
  }
});

describe('the site map', () => {
  const map = readFileSync(path.join(buildFolder, 'sitemap.xml'), 'utf8');
  const entries = [...map.matchAll(/<url>(.*?)<\/url>/g)].map(([, entry = '']) => ({
    loc: /<loc>(.*?)<\/loc>/.exec(entry)?.[1] ?? '',
    lastmod: /<lastmod>(.*?)<\/lastmod>/.exec(entry)?.[1],
  }));

  it('lists every page that search engines may show, and no redirect', () => {
    const wanted = real.filter(({file}) => file !== '404.html').map(({address}) => absolute(address));
    expect(entries.map(({loc}) => loc).sort()).toEqual(wanted.sort());
  });

  it('says of each when it last changed, and of none a day to come', () => {
    // A day at the build's end may have begun already in UTC.
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const odd = entries.filter(({lastmod}) => lastmod === undefined || !/^\d{4}-\d\d-\d\d$/.test(lastmod) || lastmod > tomorrow);
    expect(odd).toEqual([]);
  });
});

describe.each(redirects)('the old address $from', ({from, to}) => {
  const page = published.find(({address}) => address === `${baseUrl}${from.slice(1)}`);

  it('leads on at once to a page of the site, without a script', () => {
    if (!page) throw new Error(`the build has no page at ${from}`);
    expect(page.isRedirect).toBe(true);
    expect(page.links.filter(({rel}) => rel === 'canonical')).toMatchObject([{href: absolute(`${baseUrl}${to.slice(1)}`)}]);
    expect(real.map(({address}) => address)).toContain(`${baseUrl}${to.slice(1)}`);
    const html = readFileSync(path.join(buildFolder, page.file), 'utf8');
    expect(html).toContain(`content="0; url=${baseUrl}${to.slice(1)}"`);
    expect(html).not.toMatch(/<script/i);
  });
});
