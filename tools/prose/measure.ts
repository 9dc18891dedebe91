import type {Root} from 'mdast';
import {blocksOf, isRunning} from '../../plugins/markdown/running-text.ts';
import {plainWords, sentencesOf} from './sentences.ts';

/** How a page reads, in figures. */
export type Figures = {
  words: number;
  sentences: number;
  /** Words a sentence: the mean and the standard deviation. */
  mean: number;
  spread: number;
  /** Share of sentences of at most six words, and of more than 25: from 0 to 1. */
  short: number;
  long: number;
  /** *you*, *we* and their forms in a hundred words. */
  address: number;
  /** Negations in a hundred sentences. */
  negations: number;
};

const addresses = /\b(?:you|your|yours|yourself|yourselves|we|us|our|ours|ourselves)\b/g;
const negations = /\b(?:not|no|never|nothing|nobody|none|nowhere|neither|nor|cannot|without)\b|n't\b/g;

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/**
 * Measures the running text of a page: paragraphs and lists, also those in components. Headings, code blocks, diagrams,
 * cells of tables, what `<Goals>` promises, the claims in `<Expect>` and `<Choice>` and the list of sources are left out,
 * being no sentences or not in the page's own voice. Code in a sentence is one word.
 *
 * @param root syntax tree of the page, from parseDocument
 */
export function measure(root: Root): Figures {
  const lengths: number[] = [];
  let addressed = 0;
  let negated = 0;
  for (const block of blocksOf(root)) {
    if (block.kind === 'cell' || !isRunning(block)) continue;
    for (const sentence of sentencesOf(block)) {
      lengths.push(sentence.words);
      const plain = plainWords(block, sentence);
      addressed += count(plain, addresses);
      negated += count(plain, negations);
    }
  }
  const words = lengths.reduce((sum, length) => sum + length, 0);
  const of = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  const mean = of(words, lengths.length);
  const variance = of(
    lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0),
    lengths.length,
  );
  const share = (passes: (length: number) => boolean): number => of(lengths.filter(passes).length, lengths.length);
  return {
    words,
    sentences: lengths.length,
    mean,
    spread: Math.sqrt(variance),
    short: share((length) => length <= 6),
    long: share((length) => length > 25),
    address: 100 * of(addressed, words),
    negations: 100 * of(negated, lengths.length),
  };
}
