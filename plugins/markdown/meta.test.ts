import {describe, expect, it} from 'vitest';
import {parseMeta} from './meta.ts';

describe('parseMeta', () => {
  it('reads attributes, quoted values and lines', () => {
    expect(parseMeta('file=code/a.go region=x title="Two words, {1}" {3,5-7}')).toEqual({
      attributes: {file: 'code/a.go', region: 'x', title: 'Two words, {1}'},
      emphasised: [3, 5, 6, 7],
      problems: [],
    });
  });

  it('reads what is given by its name alone', () => {
    expect(parseMeta('file=a.go diff-against=2-pid removed')).toEqual({
      attributes: {file: 'a.go', 'diff-against': '2-pid', removed: ''},
      emphasised: [],
      problems: [],
    });
  });

  it('reads nothing from nothing', () => {
    expect(parseMeta(null)).toEqual({attributes: {}, emphasised: [], problems: []});
  });

  it('sorts lines and counts each once', () => {
    expect(parseMeta('{7, 1-3,2}').emphasised).toEqual([1, 2, 3, 7]);
  });

  it.each([
    ['regoin=x', 'unknown attribute “regoin” (did you mean “region”?)'],
    [
      'showLineNumbers',
      'unknown attribute “showLineNumbers”; a fence takes file, show, region, diff-against, removed, of, commands, title and {lines}',
    ],
    ['file=a file=b', 'attribute “file” is given twice'],
    ['removed=yes', 'attribute “removed” takes no value'],
    ['title=', 'attribute “title” has no value'],
    ['title=""', 'attribute “title” has no value'],
    ['{a}', '{a} is not a list of lines'],
    ['{5-3}', '{5-3} is not a list of lines'],
    ['{0}', '{0} is not a list of lines'],
    ['{1', '{1 is not a list of lines'],
    ['{1} {2}', 'two lists of lines'],
  ])('refuses %s', (meta, problem) => {
    expect(parseMeta(meta).problems).toEqual([expect.stringContaining(problem)]);
  });
});
