import type {Block} from '../../plugins/markdown/running-text.ts';

/** A sentence of a block, by where it stands in the block's text. */
export type Sentence = {start: number; end: number; text: string; words: number};

/** What ends with a full stop in the middle of a sentence. */
const abbreviations = /\b(?:e\.g|i\.e|etc|cf|vs|ch|no|sec|fig|approx)\.(?=\s+[\p{Ll}\p{N}x])/giu;

/**
 * The text with each piece of code, name of a manual page and abbreviation made into one word, and with a capital at what
 * begins a sentence: clone(2) and `ps -e` are words, and sentences here may begin with `ps` or clone, at which Unicode's
 * rules (UAX 29, SB8) see none. Nothing moves: places are those of the text.
 */
function masked({text, pieces}: Block): string {
  let plain = text;
  const put = (start: number, words: string): void => {
    plain = plain.slice(0, start) + words + plain.slice(start + words.length);
  };
  for (const {kind, start, end} of pieces) if (kind === 'code') put(start, 'x'.repeat(end - start));
  for (const {0: name, index} of plain.matchAll(/[\w.-]+\(\d\w*\)/g)) put(index, name.replace(/[^\w]/g, '_'));
  for (const {0: words, index} of plain.matchAll(abbreviations)) put(index, words.replaceAll('.', '_'));
  // A line break of the source is a space to a reader; to UAX 29 it ends a sentence.
  plain = plain.replace(/\s/g, ' ');
  return plain.replace(/([.!?]\)*\s+["“(]*)(\p{Ll})/gu, (_, stop: string, letter: string) => stop + letter.toUpperCase());
}

const sentenceSegmenter = new Intl.Segmenter('en', {granularity: 'sentence'});
const wordSegmenter = new Intl.Segmenter('en', {granularity: 'word'});

/** How many words a text has. */
const countWords = (text: string): number => [...wordSegmenter.segment(text)].filter(({isWordLike}) => isWordLike).length;

/** Sentences of a block; what has no word in it is none. */
export function sentencesOf(block: Block): Sentence[] {
  return [...sentenceSegmenter.segment(masked(block))].flatMap(({segment, index}) => {
    const words = countWords(segment);
    const text = block.text.slice(index, index + segment.length);
    const start = index + (text.length - text.trimStart().length);
    return words === 0 ? [] : [{start, end: index + text.trimEnd().length, text: text.trim().replace(/\s+/g, ' '), words}];
  });
}

/** The words of a sentence that are not code, in small letters and with a straight apostrophe. */
export function plainWords(block: Block, {start, end}: Sentence): string {
  let plain = block.text;
  for (const piece of block.pieces)
    if (piece.kind === 'code') plain = plain.slice(0, piece.start) + '`'.repeat(piece.end - piece.start) + plain.slice(piece.end);
  return plain.slice(start, end).replace(/\s+/g, ' ').replaceAll('’', "'").toLowerCase();
}
