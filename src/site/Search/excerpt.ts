import {wordsOf, type Word} from './words';

/** A piece of text, marked when it is a word that was searched. */
export type Piece = {readonly text: string; readonly marked: boolean};

/** Words of an excerpt, and how many of them stand before what was found. */
const length = 28;
const lead = 6;

/** A text in pieces, its words marked that are wanted. */
export function marked(text: string, wanted: (word: string) => boolean, words: readonly Word[] = wordsOf(text)): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  const add = (end: number, isMarked: boolean): void => {
    if (end > done) pieces.push({text: text.slice(done, end), marked: isMarked});
    done = end;
  };
  for (const {word, start, end} of words) {
    if (!wanted(word)) continue;
    add(start, false);
    add(end, true);
  }
  add(text.length, false);
  return pieces;
}

/**
 * Some of a text, around one of its words.
 *
 * @param words all words of the text
 * @param at place among them of what was found; 0 for the beginning
 */
export function excerpt(text: string, words: readonly Word[], at: number, wanted: (word: string) => boolean): Piece[] {
  const first = Math.max(0, Math.min(at - lead, words.length - length));
  const last = Math.min(words.length, first + length);
  // From the first word's line on, as far as the line reaches, so that a bracket or a slash before it is not lost.
  const begin = first === 0 ? 0 : (words[first - 1]?.end ?? 0);
  const end = last === words.length ? text.length : (words[last]?.start ?? text.length);
  const part = text.slice(begin, end);
  const pieces = marked(part.replace(/\s+/g, ' ').trim(), wanted);
  return [...(first > 0 ? [{text: '… ', marked: false}] : []), ...pieces, ...(last < words.length ? [{text: ' …', marked: false}] : [])];
}
