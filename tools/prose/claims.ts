import type {Nodes, Root} from 'mdast';
import {parseMeta} from '../../plugins/markdown/meta.ts';
import {blocksOf, isRunning, lineAt, type Block} from '../../plugins/markdown/running-text.ts';
import type {Problem} from '../../plugins/markdown/problems.ts';
import {plainWords, sentencesOf} from './sentences.ts';

/** A sentence that says something of all cases, with no proof beside it. */
export type Claim = {
  /** Line of the file on which the sentence begins. */
  line: number;
  text: string;
  /** The absolute words in it. */
  words: readonly string[];
};

const absolutes = /\b(?:all|every(?:thing|one|body)?|nothing|never|only|cannot|no one|nobody|complete|completely|always|none)\b/g;

/** Turns of speech in which an absolute word says nothing of all cases. */
const idioms = new RegExp(
  `\\b(?:${[
    'at all|after all|above all|first of all|all the same|all right|all but|once and for all|none the less',
    '(?:not|if) only|only (?:then|now|when|after|once)',
    // A set that was named is looked through.
    'all (?:two|three|four|five|six|seven|eight|nine|ten|fourteen)',
  ].join('|')})\\b`,
  'g',
);

const manualPage = /(?<![\w.-])[a-z_][\w.-]*\(\d[a-z]*\)/i;
const report = /\bCVE-\d{4}-\d{4,}\b/;

/** Components that show something that was run. */
const shown = new Set(['Proof', 'Replay', 'Matrix']);

/** Reports whether a node shows what a program is or printed: a listing, an experiment, a recording. */
function isShown(node: Nodes | undefined): boolean {
  if (!node) return false;
  if (node.type === 'code') {
    const {attributes} = parseMeta(node.meta);
    return attributes.file !== undefined || attributes.of !== undefined;
  }
  if (node.type !== 'mdxJsxFlowElement' && node.type !== 'mdxJsxTextElement') return false;
  return shown.has(node.name ?? '') || node.attributes.some((attribute) => attribute.type === 'mdxJsxAttribute' && attribute.name === 'of');
}

/** Reports whether a link names a source: another site, or the page's own list of sources. */
const isSource = (url: string | undefined): boolean => url !== undefined && /^https?:\/\/|#sources$/.test(url);

/**
 * Reports whether a block has proof beside it: in it a manual page such as clone(2), a CVE, a link to another site or to
 * the sources, or a `<Proof>`; right before or after it a listing, an experiment or a recording; or a comment
 * `{/* proof: reason or source *\/}` that belongs to it.
 */
function hasProof(block: Block): boolean {
  return (
    manualPage.test(block.text) ||
    report.test(block.text) ||
    block.pieces.some(({url}) => isSource(url)) ||
    block.inline.some(isShown) ||
    block.notes.some((note) => /^proof:\s*\S/.test(note)) ||
    isShown(block.before) ||
    isShown(block.after)
  );
}

/**
 * Sentences of a page that use *all, every, nothing, never, only, cannot, no one, complete, always, none* (and *everything,
 * everyone, nobody, completely*) and have no proof beside them. Text in tables counts, since tables state facts. Headings,
 * code, `<Goals>`, `<Expect>`, `<Choice>` and sources do not: a wrong choice may well be absolute. Turns such as *at all*,
 * *only then* or *all five* are not claims.
 *
 * @param root syntax tree of the page, from parseDocument
 */
export function unprovedClaims(root: Root): Claim[] {
  return blocksOf(root).flatMap((block) => {
    if (!isRunning(block) || hasProof(block)) return [];
    return sentencesOf(block).flatMap((sentence) => {
      const plain = plainWords(block, sentence).replace(idioms, '');
      const words = [...new Set(plain.match(absolutes))];
      return words.length === 0 ? [] : [{line: lineAt(block, sentence.start), text: sentence.text, words}];
    });
  });
}

/** The same as mistakes of a page that is held to have proof. */
export const unprovedProblems = (file: string, root: Root): Problem[] =>
  unprovedClaims(root).map(({line, text, words}) => ({
    file,
    line,
    message: `“${text}” has no proof beside it (${words.join(', ')}); show or name one, or write {/* proof: reason or source */} after it`,
  }));
