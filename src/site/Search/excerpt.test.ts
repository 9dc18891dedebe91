import {expect, it} from 'vitest';
import {excerpt, marked, type Piece} from './excerpt.ts';
import {wordsOf} from './words.ts';

const shown = (pieces: readonly Piece[]): string => pieces.map((piece) => (piece.marked ? `[${piece.text}]` : piece.text)).join('');
const count = (from: number, to: number): string => Array.from({length: to - from}, (_, index) => `w${from + index}`).join(' ');

function around(text: string, wanted: string): string {
  const words = wordsOf(text);
  return shown(
    excerpt(
      text,
      words,
      words.findIndex(({word}) => word === wanted),
      (word) => word === wanted,
    ),
  );
}

it('marks words and keeps all else as it is', () => {
  expect(shown(marked('Kill -KILL, kill.', (word) => word === 'kill'))).toBe('[Kill] -[KILL], [kill].');
});

it('begins with the line, when what was found is near its beginning', () => {
  expect(around('Before.\n(a) /proc/self/exe: not here\nYou are not root.', 'exe')).toBe(
    '… (a) /proc/self/[exe]: not here · You are not root.',
  );
  expect(around('A short text.', 'short')).toBe('A [short] text.');
});

it('begins a few words before it, when that is far into the line', () => {
  expect(around(count(0, 100), 'w50')).toBe(`… ${count(44, 50)} [w50] ${count(51, 72)} …`);
});

it('ends with one ellipsis', () => {
  expect(around(`a ${count(0, 27)} … ${count(27, 40)}`, 'a')).toBe(`[a] ${count(0, 27)} …`);
});
