import type {Figures} from './measure.ts';

type Row = {name: string; figures: Pick<Figures, 'mean' | 'spread' | 'short' | 'long' | 'address'> & Partial<Figures>; unproved?: number};

/**
 * What a chapter of a book that reads well has: Crafting Interpreters, “Chunks of Bytecode”, its main text. It
 * was counted once, by another program: a neighbour to look at, not a measure to the digit.
 */
const model: Row = {
  name: '(Crafting Interpreters)',
  figures: {words: 6284, mean: 14.2, spread: 8.4, short: 0.17, long: 0.11, address: 5.2},
};

const columns: readonly [heading: string, cell: (row: Row) => string][] = [
  ['page', ({name}) => name],
  ['words', ({figures}) => String(figures.words ?? '')],
  ['sentences', ({figures}) => String(figures.sentences ?? '')],
  ['mean', ({figures}) => figures.mean.toFixed(1)],
  ['spread', ({figures}) => figures.spread.toFixed(1)],
  ['≤ 6', ({figures}) => `${Math.round(100 * figures.short)} %`],
  ['> 25', ({figures}) => `${Math.round(100 * figures.long)} %`],
  ['you/we', ({figures}) => figures.address.toFixed(1)],
  ['not', ({figures}) => figures.negations?.toFixed(0) ?? ''],
  ['unproved', ({unproved}) => String(unproved ?? '')],
];

/**
 * The figures of pages as a table: names to the left, numbers to the right. *mean* and *spread* are words a sentence, *≤ 6*
 * and *> 25* shares of sentences by their words, *you/we* is in a hundred words, *not* in a hundred sentences, *unproved* a
 * number of sentences. The last line is a model to compare with.
 */
export function table(rows: readonly Row[]): string {
  const cells = [columns.map(([heading]) => heading), ...[...rows, model].map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}
