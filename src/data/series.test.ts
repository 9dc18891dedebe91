import {describe, expect, it} from 'vitest';
import {articleUrl, chapterPath, chapters} from './series.ts';

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

  it('links an original article where its address is known', () => {
    expect(articleUrl(chapters[2]!)).toBe('https://igor.gorovyy.pro/blog/posts/2026-05-09-pivot-root/');
    expect(articleUrl(chapters[1]!)).toBeUndefined();
  });
});
