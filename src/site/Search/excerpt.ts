import {wordsOf, type Word} from './words';

/** A piece of text, marked when it is a word that was searched. */
export type Piece = {readonly text: string; readonly marked: boolean};

/** Words of an excerpt. */
const length = 28;
/** Words before what was found: all of its line when it has no more than these, else a few. */
const longLead = 14;
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
  const line = text.lastIndexOf('\n', words[at]?.start ?? 0) + 1;
  const lineStart = words.findIndex(({start}) => start >= line);
  const wish = at - lineStart <= longLead ? lineStart : at - lead;
  const first = Math.max(0, Math.min(wish, words.length - 1));
  const last = Math.min(words.length, first + length);
  // What stands between words, such as a bracket or a slash, belongs to the next one.
  const begin = first === lineStart ? line : (words[first - 1]?.end ?? 0);
  const end = last === words.length ? text.length : (words[last]?.start ?? text.length);
  const part = text
    .slice(begin, end)
    .trim()
    .replace(/([^.:!?…])\n/g, '$1 · ')
    .replace(/\s+/g, ' ')
    .replace(/[ …·]+$/, '');
  return [
    ...(begin > 0 ? [{text: '… ', marked: false}] : []),
    ...marked(part, wanted),
    ...(last < words.length ? [{text: ' …', marked: false}] : []),
  ];
}
