import path from 'node:path';
import type {Root} from 'mdast';
import {lineOf} from './documents.ts';
import {explicitId} from './links.ts';
import {suggest, type Problem} from './problems.ts';
import {blocksOf, commentOf, headingText, isRunning, lineAt, type Block, type Element} from './running-text.ts';

/** Where the glossary is, from the root of the site, and its address. */
export const glossaryFile = 'docs/glossary.mdx';
const glossaryAddress = '/docs/glossary/';

/** An entry of the glossary. */
export type Term = {
  /** Its heading. */
  name: string;
  /** Its anchor. */
  id: string;
  /** Further words for it: `{/* also: one, another *\/}` under its heading. */
  also: readonly string[];
  line: number;
};

/** The entries of the glossary. */
export function termsOf(glossary: Root): Term[] {
  const terms: Term[] = [];
  for (const [index, node] of glossary.children.entries()) {
    if (node.type !== 'heading' || node.depth !== 2) continue;
    const id = explicitId(node);
    if (id === undefined) continue;
    const also = /^also:(.*)$/s.exec(commentOf(glossary.children[index + 1]) ?? '')?.[1] ?? '';
    const words = also.split(',').map((word) => word.trim());
    terms.push({name: headingText(node), id, also: words.filter((word) => word !== ''), line: lineOf(node)});
  }
  return terms;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A pattern for a word: as it is, with its first letter small or capital where the rest is small. */
function wordPattern(word: string, isFirst: boolean): string {
  const [, first = '', rest = ''] = /^(\p{Lu})([^\p{Lu}]*)$/u.exec(word) ?? [];
  return isFirst && rest !== '' ? `[${first}${first.toLowerCase()}]${escape(rest)}` : escape(word);
}

/** A pattern for the plural of a last word, in addition to its singular; numbers have none. */
function withPlural(pattern: string): string {
  if (/(?:s|x|z|ch|sh)$/.test(pattern)) return `${pattern}(?:es)?`;
  if (/[^aeiou]y$/.test(pattern)) return `${pattern.slice(0, -1)}(?:y|ies)`;
  return /\p{L}$/u.test(pattern) ? `${pattern}s?` : pattern;
}

/** A pattern for a term: singular and plural, over line breaks, and with a capital where a sentence may begin with it. */
function termPattern(name: string): string {
  const words = name.split(/\s+/).map((word, index) => wordPattern(word, index === 0));
  return [...words.slice(0, -1), withPlural(words.at(-1) ?? '')].join('\\s+');
}

/** Finds the terms of a glossary in a text. */
export type Finder = (text: string) => {term: Term; words: string; start: number}[];

/**
 * Makes a finder. A term is found as a whole word: in the singular and plural and with either first letter, if its heading
 * begins with a capital; exactly as it stands, if it does not (`clone`) or is written in capitals (`PID`). Where several
 * terms fit, the longest is meant: a mount namespace is neither a mount nor a namespace. A part of a word with a hyphen and
 * the name of a manual page, clone(2), are not the term.
 */
export function makeFinder(terms: readonly Term[]): Finder {
  const names = terms.flatMap((term) => [term.name, ...term.also].map((name) => ({term, name})));
  names.sort((a, b) => b.name.length - a.name.length);
  if (names.length === 0) return () => [];
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}_-])(?:${names.map(({name}) => `(${termPattern(name)})`).join('|')})(?![\\p{L}\\p{N}_-]|\\(\\d)`,
    'gu',
  );
  return (text) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const found = names[match.slice(1).findIndex(Boolean)];
      return found ? [{term: found.term, words: match[0], start: match.index}] : [];
    });
}

/** Components that are folded away: what they say is not there for those who read on past them. */
const leaves = new Set(['Deeper', 'Solution']);

/** The entry that a link leads to, or undefined when it leads elsewhere. */
function entryOf(url: string, file: string): string | undefined {
  const [, place = '', id] = /^([^?#]*)[^#]*#(.+)$/.exec(url) ?? [];
  const isGlossary = place.startsWith('/')
    ? path.posix.join(place, '/') === glossaryAddress
    : path.posix.join(path.posix.dirname(file), place) === glossaryFile;
  return isGlossary ? id : undefined;
}

/** Terms that a note beside a block says are not meant in it: `{/* not the term: host, signal *\/}`. */
function exemptions({notes}: Block): string[] {
  return notes.flatMap((note) => (/^not the term:(.*)$/s.exec(note)?.[1] ?? '').split(',').flatMap((name) => name.trim() || []));
}

/**
 * First uses of terms in a chapter that are not links to their entries in the glossary. Only running text counts, not
 * headings, code, the text of other links, `<Goals>`, choices and sources. What is folded (`<Deeper>`, `<Solution>`) is
 * read by some: a link in it counts for the rest of it only. A block that uses a word in another sense says so in a comment
 * in it or beside it: `{/* not the term: host *\/}`.
 *
 * @param file the chapter, from the root of the site
 */
export function checkFirstUses(file: string, chapter: Root, terms: readonly Term[]): Problem[] {
  const problems: Problem[] = [];
  const find = makeFinder(terms);
  const linked = new Set<string>();
  const inLeaves = new Map<Element, Set<string>>();
  for (const block of blocksOf(chapter)) {
    if (!isRunning(block)) continue;
    const leaf = block.within.find(({name}) => leaves.has(name ?? ''));
    let known = linked;
    if (leaf) {
      known = inLeaves.get(leaf) ?? new Set(linked);
      inLeaves.set(leaf, known);
    }
    const notMeant = exemptions(block);
    for (const name of notMeant) {
      if (terms.some((term) => term.name === name)) continue;
      const names = terms.map((term) => term.name);
      problems.push({file, line: block.line, message: `“not the term: ${name}”: the glossary has no such heading${suggest(name, names)}`});
    }
    // What is not text keeps its room, and no term reaches across it.
    let text = block.text;
    for (const {kind, start, end} of block.pieces)
      if (kind !== 'text') text = text.slice(0, start) + '\0'.repeat(end - start) + text.slice(end);
    const links = block.pieces.flatMap(({url, start}) => {
      const id = url === undefined ? undefined : entryOf(url, file);
      return id === undefined ? [] : [{id, start}];
    });
    for (const {term, words, start} of find(text)) {
      for (const link of links) if (link.start < start) known.add(link.id);
      if (known.has(term.id) || notMeant.includes(term.name)) continue;
      known.add(term.id);
      const to = path.posix.relative(path.posix.dirname(file), glossaryFile);
      const shown = words.replace(/\s+/g, ' ');
      problems.push({
        file,
        line: lineAt(block, start),
        message:
          `the first “${shown}” is not linked to the glossary; ` +
          `write [${shown}](./${to}#${term.id}), or {/* not the term: ${term.name} */} beside it`,
      });
    }
    for (const {id} of links) known.add(id);
  }
  return problems;
}

/** Entries of the glossary that go by the same word. */
export function checkTerms(terms: readonly Term[]): Problem[] {
  const owner = new Map<string, Term>();
  return terms.flatMap((term) =>
    [term.name, ...term.also].flatMap((name) => {
      const key = name.toLowerCase();
      const other = owner.get(key);
      owner.set(key, other ?? term);
      return other
        ? [{file: glossaryFile, line: term.line, message: `“${name}” is already the entry “${other.name}” of line ${other.line}`}]
        : [];
    }),
  );
}

/** Reports whether a page is a chapter: its file's name begins with its number. */
export const isChapter = (file: string): boolean => /^docs\/\d+-/.test(file);
