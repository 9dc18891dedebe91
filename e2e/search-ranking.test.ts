import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {SearchEngine} from '../src/site/Search/engine.ts';
import {indexFile, type Section} from '../src/data/search.ts';
import {buildFolder} from '../tools/site/pages.ts';
import {queries} from './search-queries.ts';

/** Share of the queries whose place must come first; all must be among the first three. */
const first = 0.9;
const near = 3;
/** Queries that each page must have, but for one with so little text, in characters, that there is not that much to ask for. */
const perPage = 10;
const shortPage = 2000;

const sections = JSON.parse(readFileSync(path.join(buildFolder, indexFile), 'utf8')) as Section[];
const urls = new Set(sections.map(({url}) => url));
const pages = [...urls].filter((url) => {
  const own = sections.filter((section) => section.url.split('#')[0] === url);
  return own.reduce((sum, {text, code}) => sum + text.length + code.length, 0) >= shortPage;
});
const engine = new SearchEngine(sections);

const rows = Object.entries(queries).flatMap(([page, table]) =>
  table.map(([typed, ...places]) => ({
    typed,
    places: places.map((place) => (place === '' || place.startsWith('#') ? page + place : place)),
  })),
);

describe('the table of queries', () => {
  it.each(pages)('asks enough of %s', (page) => {
    const count = queries[page]?.length ?? 0;
    expect(
      count,
      `${page} has ${count} of ${perPage} queries: add what a reader would type to find it to e2e/search-queries.ts`,
    ).toBeGreaterThanOrEqual(perPage);
  });

  it('names places that there are, and no query twice', () => {
    expect(rows.flatMap(({typed, places}) => places.filter((place) => !urls.has(place)).map((place) => `“${typed}”: no ${place}`))).toEqual(
      [],
    );
    const typed = rows.map((row) => row.typed);
    expect(typed.filter((query, place) => typed.indexOf(query) !== place)).toEqual([]);
  });
});

describe('search', () => {
  const ranked = rows.map(({typed, places}) => {
    const found = engine.search(typed).hits.map(({section}) => section.url);
    return {typed, places, found, place: found.findIndex((url) => places.includes(url))};
  });
  const say = ({typed, places, found}: (typeof ranked)[number]): string =>
    `“${typed}” should find ${places.join(' or ')}, found ${found.slice(0, near).join(', ') || 'nothing'}`;

  it(`leads to the right section among the first ${near}, always`, () => {
    expect(ranked.filter(({place}) => place < 0 || place >= near).map(say)).toEqual([]);
  });

  it(`leads to the right section first, in ${first * 100} of 100 queries`, () => {
    const others = ranked.filter(({place}) => place !== 0);
    expect(1 - others.length / ranked.length, others.map(say).join('\n')).toBeGreaterThanOrEqual(first);
  });
});
