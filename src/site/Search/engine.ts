import MiniSearch, {type Query} from 'minisearch';
import {excerpt, marked, type Piece} from './excerpt';
import type {Section} from '@site/src/data/search';
import {nearestWords, splitWord} from './spelling';
import {synonyms} from './synonyms';
import {isCommon, partsOf, stem, telling, wordsOf, type Word} from './words';

/** A section that was found. */
export type Hit = {
  readonly section: Section;
  /** The heading, with the words that were found marked. */
  readonly title: readonly Piece[];
  /** Some of the text around the words that were found. */
  readonly excerpt: readonly Piece[];
};

/** What a search found. */
export type Answer = {
  /** Best first. */
  readonly hits: readonly Hit[];
  /** Sections found in all, but for those that are found by a word or two of many. */
  readonly total: number;
  /** Words that no page has, and those that were taken for what was meant. */
  readonly corrected: readonly {readonly typed: string; readonly found: string}[];
};

/** Where a word may stand, and how much each place says of what a section is about. */
const boost = {title: 4, also: 1.8, within: 1, page: 0.3, text: 1, code: 0.6};

/** The page whose sections are definitions: a query that is a term is answered there. */
const glossary = 'docs/glossary/';

/** Places that ask about what others explain, sum it up or point to it, and how much they are worth beside those. */
const lesser: readonly (readonly [place: RegExp, worth: number])[] = [
  [/#(check|sources)$/, 0.6],
  [/#keep$/, 0.75],
  [/^more\//, 0.15],
];

/** Results that are looked at more closely, best first, by what MiniSearch (BM25) says. */
const considered = 40;

/** Share of the best one's worth that a section must have to be shown. */
const leastShare = 0.01;

/** A word of the query, with all that stands for it. */
type Wanted = {
  readonly typed: string;
  /** What a misspelt word was taken for. */
  readonly meant: string | undefined;
  /** Words and stems as the index has them. */
  readonly terms: ReadonlySet<string>;
  /** Beginning of a word that is still being typed. */
  readonly prefix: string | undefined;
  /** How much finding it says: the rarer, the more. */
  readonly weight: number;
};

/** A section with its words, read once. */
type Read = {
  readonly section: Section;
  readonly title: readonly Word[];
  readonly also: readonly Word[];
  readonly body: string;
  readonly words: readonly Word[];
};

/** A section that has words of a query. */
type Ranked = {
  readonly read: Read;
  readonly score: number;
  readonly wanted: readonly Wanted[];
  /** Place among the section's words where most of the query stands. */
  readonly at: number;
};

const memory = new Map<string, readonly string[]>();

/** All that a word of a page is found by: itself, its stem, and the parts of a name such as `CLONE_NEWPID`. */
function termsOf(word: string): readonly string[] {
  const remembered = memory.get(word);
  if (remembered) return remembered;
  const terms = [...new Set([word, stem(word), ...partsOf(word), ...partsOf(word).map(stem)])];
  memory.set(word, terms);
  return terms;
}

function matches({terms, prefix}: Wanted, word: string): boolean {
  return (prefix !== undefined && word.startsWith(prefix)) || termsOf(word).some((term) => terms.has(term));
}

/** Searches sections. Making it reads them all, which takes some ten milliseconds a chapter. */
export class SearchEngine {
  readonly #index: MiniSearch<Section>;
  /** By their address. */
  readonly #sections: ReadonlyMap<string, Read>;
  /** All words of the pages. */
  readonly #words = new Set<string>();
  /** How many sections have each term. */
  readonly #known = new Map<string, number>();
  /** Pairs of words that stand side by side somewhere. */
  readonly #pairs = new Set<string>();
  /** Those in headings. */
  readonly #titlePairs = new Set<string>();

  constructor(sections: readonly Section[]) {
    this.#index = new MiniSearch<Section>({
      idField: 'url',
      fields: Object.keys(boost),
      tokenize: (text) => wordsOf(text).map(({word}) => word),
      processTerm: (word) => [...termsOf(word)],
      searchOptions: {tokenize: (text) => [text], processTerm: (term) => term, boost, combineWith: 'OR'},
    });
    this.#index.addAll(sections);
    this.#sections = new Map(sections.map((section) => [section.url, this.#read(section)]));
  }

  #read(section: Section): Read {
    const body = `${section.text}\n${section.code}`;
    const read = {
      section,
      title: wordsOf(section.title),
      also: wordsOf(`${section.also ?? ''}\n${section.within ?? ''}`),
      body,
      words: wordsOf(body),
    };
    const terms = new Set<string>();
    for (const words of [read.title, read.also, read.words]) {
      words.forEach(({word}, at) => {
        this.#words.add(word);
        const pair = `${words[at - 1]?.word ?? ''} ${word}`;
        this.#pairs.add(pair);
        if (words === read.title) this.#titlePairs.add(pair);
        for (const term of termsOf(word)) terms.add(term);
      });
    }
    for (const term of terms) this.#known.set(term, (this.#known.get(term) ?? 0) + 1);
    return read;
  }

  /** Terms of the index that a typed word stands for as it is: its stem, or the parts of a name. */
  #termsFor(word: string): readonly string[] {
    return this.#known.has(stem(word)) ? [stem(word)] : partsOf(word).filter((term) => this.#known.has(term));
  }

  /** The words of a query, each with what stands for it; without those that no page has. */
  #wanted(query: string): Wanted[] {
    const typed = wordsOf(query).map(({word}) => word);
    const words = telling(typed);
    return words.flatMap((word, place) => {
      const last = place === words.length - 1 && word === typed.at(-1) && !/\s$/.test(query);
      const begins =
        word.length > (last ? 1 : 3) && !this.#known.has(stem(word)) && [...this.#words].some((known) => known.startsWith(word));
      const next = words[place + 1];
      const before = words[place - 1];
      const joined = [next && word + next, before && before + word].filter((term) => term && this.#known.has(term));
      const asTyped = new Set([...this.#termsFor(word), ...(joined as string[])]);
      const nearest = asTyped.size > 0 || (last && begins) ? [] : nearestWords(word, this.#words);
      const terms = new Set([...asTyped, ...nearest.flatMap((near) => this.#termsFor(near))]);
      const prefix = begins && (last || terms.size === 0) ? word : undefined;
      if (terms.size === 0 && prefix === undefined) return [];
      const sections = Math.max(1, ...[...terms].map((term) => this.#known.get(term) ?? 0));
      return [{typed: word, meant: nearest[0], terms, prefix, weight: Math.log(1 + this.#sections.size / sections)}];
    });
  }

  /** Sections that fit a query, best first. */
  search(query: string, limit = 12): Answer {
    const best = new Map<string, Ranked>();
    for (const wording of [query, ...this.#renamed(query)]) {
      for (const one of this.#rank(wording)) {
        const {url} = one.read.section;
        if (one.score > (best.get(url)?.score ?? 0)) best.set(url, one);
      }
    }
    const ranked = [...best.values()].sort((a, b) => b.score - a.score);
    const found = ranked.filter(({score}) => score >= (ranked[0]?.score ?? 0) * leastShare);
    return {
      total: found.length,
      corrected: this.#wanted(query).flatMap(({typed, meant}) => (meant === undefined ? [] : [{typed, found: meant}])),
      hits: found.slice(0, limit).map(({read, wanted, at}) => {
        const isWanted = (word: string): boolean => wanted.some((one) => matches(one, word));
        return {
          section: read.section,
          title: marked(read.section.title, isWanted, read.title),
          excerpt: excerpt(read.body, read.words, at, isWanted),
        };
      }),
    };
  }

  /** The query in other words of the pages: their names for a thing, and two words where the reader wrote one. */
  #renamed(query: string): string[] {
    const words = wordsOf(query).map(({word}) => word);
    const typed = ` ${words.join(' ')} `;
    const replaced = (name: string, ours: string): string[] => {
      const renamed = typed.replace(` ${name} `, ` ${ours} `);
      return renamed === typed ? [] : [renamed];
    };
    return [
      ...[...synonyms].flatMap(([name, ours]) => replaced(name, ours)),
      ...words.flatMap((word) => {
        // A word that the pages have is what was meant, unless a heading has it in two.
        const pairs = this.#known.has(word) ? this.#titlePairs : this.#pairs;
        const two = splitWord(word, (pair) => pairs.has(pair));
        return two === undefined ? [] : replaced(word, two);
      }),
    ];
  }

  /** The most likely sections for a query in one wording, with what they are worth. */
  #rank(wording: string): readonly Ranked[] {
    const wanted = this.#wanted(wording);
    if (wanted.length === 0) return [];
    const query: Query = {
      queries: wanted.flatMap(({terms, prefix}) => [...terms, ...(prefix === undefined ? [] : [{queries: [prefix], prefix: true}])]),
    };
    const typed = wordsOf(wording);
    const find = finderFor(wanted);
    // Who types a name or a flag looks for the code that has it.
    const isCode = /\w_\w|[a-z][A-Z]|(^|\s)--?[a-z]/.test(wording);
    const results = this.#index.search(query, isCode ? {boost: {...boost, code: 1.5}} : {});
    return results.slice(0, considered).flatMap(({id, score}) => {
      const read = this.#sections.get(String(id));
      if (!read) return [];
      const {factor, at} = judge(read, wanted, find, typed);
      return [{read, score: score * factor, wanted, at}];
    });
  }
}

/** Place in a text where words stand exactly as typed, one after the other; -1 when they stand nowhere. */
function placeOf(words: readonly Word[], typed: readonly Word[]): number {
  return words.findIndex((_, at) => typed.every(({word}, offset) => words[at + offset]?.word === word));
}

/** Which words of a query a word of a page is; none for most. Remembers what it was asked, since pages repeat their words. */
type Finder = (word: string) => readonly number[];

function finderFor(wanted: readonly Wanted[]): Finder {
  const known = new Map<string, readonly number[]>();
  return (word) => {
    let places = known.get(word);
    if (!places) {
      places = wanted.flatMap((one, place) => (matches(one, word) ? [place] : []));
      known.set(word, places);
    }
    return places;
  };
}

/** The longest run of a query's words that stands in a text in their order; common words may stand between. */
function longestRun(words: readonly Word[], find: Finder): {length: number; at: number; places: ReadonlySet<number>} {
  const places = new Set<number>();
  let best = {length: 0, at: 0};
  /** Length of the run that ends with each word of the query, at the word of the text before. */
  let runs = new Map<number, number>();
  words.forEach(({word}, at) => {
    const here = find(word);
    if (here.length === 0 && (runs.size === 0 || isCommon(word))) return;
    runs = new Map(here.map((place) => [place, 1 + (runs.get(place - 1) ?? 0)]));
    for (const [place, length] of runs) {
      places.add(place);
      if (length > best.length) best = {length, at};
    }
  });
  return {...best, places};
}

/**
 * By how much a section is better, or worse, than its words alone say (BM25 counts words and does not see where they
 * stand), and the place among its words where most of the query stands. Better is a section that has all words of the
 * query; has them side by side; has them as typed, which is what a pasted error needs; has them in its heading, and
 * little else there, or in its other names. Best is a heading that is the query, in the glossary above all.
 */
function judge(read: Read, wanted: readonly Wanted[], find: Finder, typed: readonly Word[]): {factor: number; at: number} {
  const title = longestRun(read.title, find);
  const also = longestRun(read.also, find);
  const body = longestRun(read.words, find);
  const share = (isThere: (place: number) => boolean): number => {
    const weights = wanted.map(({weight}, place) => (isThere(place) ? weight : 0));
    return weights.reduce((sum, weight) => sum + weight, 0) / wanted.reduce((sum, {weight}) => sum + weight, 0);
  };
  const all = share((place) => title.places.has(place) || also.places.has(place) || body.places.has(place));
  const inTitle = share((place) => title.places.has(place));
  const titleWords = telling(read.title.map(({word}) => word));
  const ofTitle = titleWords.filter((word) => find(word).length > 0).length / Math.max(1, titleWords.length);
  const run = Math.max(body.length, title.length);
  const together = run > 1 ? run / wanted.length : 0;
  const exact = typed.length > 1 ? [read.title, read.also, read.words].map((words) => placeOf(words, typed)) : [];
  const asTyped = exact.some((place) => place >= 0);
  let factor = (0.1 + 0.9 * all ** 3) * (1 + 1.5 * together ** 2) * (1 + 2 * inTitle * ofTitle);
  if (asTyped) factor *= 1 + typed.length / 2;
  // What a section calls itself beside its heading, as "Chapter 4": others only speak of it.
  if ((exact[1] ?? -1) >= 0) factor *= 2;
  if (inTitle === 1 && ofTitle === 1) factor *= read.section.url.startsWith(glossary) ? 3 : 1.5;
  for (const [place, worth] of lesser) if (place.test(read.section.url)) factor *= worth;
  return {factor, at: exact[2] !== undefined && exact[2] >= 0 ? exact[2] : body.at};
}
