import {stemmer} from 'stemmer';

/** A word as it stands in a text. */
export type Word = {
  /** In lower case, without marks above and below letters. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
};

/** Letters, digits and `_`, so that a name such as `CLONE_NEWPID` is one word; an apostrophe only between letters. */
const pattern = /[\p{L}\p{N}_]+(?:['’]\p{L}+)*/gu;

/** The words of a text, in its order. What is not a word, such as the slashes of a path, sets words apart. */
export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(pattern), (match) => ({
    word: match[0]
      .toLowerCase()
      .replace(/['’]s$/, '')
      .replace(/['’]/g, ''),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/**
 * What stands for a word when words are compared: its stem (Porter's algorithm), so that `mounts`, `mounted` and `mounting`
 * are one. Names and numbers stay as they are.
 */
export function stem(word: string): string {
  return /^[a-z]{3,}$/.test(word) ? stemmer(word) : word;
}

/**
 * Parts of a name that is one word, each a word that a reader may type instead: `newpid` of `clone_newpid`.
 * None for a word without `_`.
 */
export function partsOf(word: string): string[] {
  return word.includes('_') ? word.split('_').filter((part) => part.length > 1) : [];
}

/** Words that say what is asked, and nothing of what it is asked about; searched only when there are no others. */
const common = new Set(
  `a about an and any are as at be been but by can could did do does for from had has have how i if in into is it its
   just may me mean means my of on or our should so some than that the their them then there these they this to was we were what
   when where which who whom whose why will with would you your`.split(/\s+/),
);

/** Reports whether a word is in most sentences. */
export function isCommon(word: string): boolean {
  return common.has(word);
}

/** Words of a query that are worth searching: all but the most common, or all when there are no others. */
export function telling(words: readonly string[]): readonly string[] {
  const kept = words.filter((word) => !isCommon(word));
  return kept.length > 0 ? kept : words;
}
