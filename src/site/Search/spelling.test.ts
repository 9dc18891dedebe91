import {describe, expect, it} from 'vitest';
import {nearestWords, splitWord} from './spelling.ts';

describe('nearest words', () => {
  const known = ['namespace', 'namespaces', 'container', 'contain', 'kernel', 'pid', 'pod', 'from'];

  it.each([
    ['namepsace', ['namespace']],
    ['contaner', ['container']],
    ['kernl', ['kernel']],
    ['kerrnel', ['kernel']],
    ['form', ['from']],
  ])('knows %s', (word, expected) => {
    expect(nearestWords(word, known)).toEqual(expected);
  });

  it.each(['pit', '4242', 'xyzzy', 'kxrxl'])('leaves %s alone', (word) => {
    expect(nearestWords(word, known)).toEqual([]);
  });

  it('prefers the word with the same first letter', () => {
    expect(nearestWords('moant', ['mount', 'coant'])).toEqual(['mount']);
  });
});

it('splits a word where two stand side by side', () => {
  const isPair = (pair: string): boolean => pair === 'file system';
  expect(splitWord('filesystem', isPair)).toBe('file system');
  expect(splitWord('namespace', isPair)).toBeUndefined();
});
