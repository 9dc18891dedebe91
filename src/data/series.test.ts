import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {articleUrl, chapterPath, chapters, outlook} from './series.ts';

describe('the series', () => {
  it('has fourteen chapters in order, ten of Sheep and then four of Shepherd', () => {
    expect(chapters.map(({number}) => number)).toEqual(Array.from({length: 14}, (_, index) => index + 1));
    expect(chapters.map(({part}) => part)).toEqual([...Array<string>(10).fill('sheep'), ...Array<string>(4).fill('shepherd')]);
  });

  it('was published in the order of its chapters', () => {
    const dates = chapters.map(({published}) => published);
    expect(dates).toEqual([...dates].sort());
  });

  it('has a path for a written chapter and none for one to come', () => {
    expect(chapterPath({...chapters[0]!, doc: 'namespaces'})).toBe('/docs/namespaces/');
    expect(chapterPath({...chapters[0]!, doc: undefined})).toBeUndefined();
  });

  it('knows of each written chapter, and of no other, since when it is here', () => {
    for (const {number, doc, since, published} of chapters) {
      expect([number, since !== undefined]).toEqual([number, doc !== undefined]);
      if (since !== undefined) expect(since >= published && /^\d{4}-\d\d-\d\d$/.test(since)).toBe(true);
    }
  });

  it('says where each original article is, and leads readers of each to what is here', () => {
    expect(articleUrl(chapters[2]!)).toBe('https://igor.gorovyy.pro/blog/posts/2026-05-09-pivot-root/');
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/articles.mdx'), 'utf8');
    const linked = [...page.matchAll(/\[The article\]\(([^)]+)\)/g)].map(([, address]) => address);
    expect(linked).toEqual(chapters.map(articleUrl));
    expect(new Set(linked).size).toBe(chapters.length);
  });

  it('says how far it has come', () => {
    const series = (out: number) => chapters.map((chapter, index) => ({...chapter, doc: index < out ? 'written' : undefined}));
    expect(outlook(series(0))).toBe('Fourteen chapters are coming.');
    expect(outlook(series(1))).toBe('Chapter 1 is out, thirteen more are coming.');
    expect(outlook(series(13))).toBe('Chapters 1 to 13 are out, one more is coming.');
    expect(outlook(series(14))).toBe('All fourteen chapters are out.');
  });

  it('is written in the order of its chapters, as the sentence about it takes for granted', () => {
    const written = chapters.map(({doc}) => doc !== undefined);
    expect(written).toEqual([...written].sort((a, b) => Number(b) - Number(a)));
  });
});
