import type {SeenLine} from './seen.ts';

/** A line that contains what was searched for. */
export type Match = {
  /** The line, as text. */
  line: string;
  /** Where the match starts in `line`, in UTF-16 code units. */
  at: number;
  /** Seconds at which it came into view. */
  time: number;
};

/** More matches than this help nobody; the list says that there are more. */
export const maxMatches = 200;

/**
 * Finds text in what could be seen, without regard to case.
 *
 * A line that changes while it has the text, as one that is typed on, is one match: at the moment of the first, with the
 * line as it was at last.
 *
 * @returns at most `maxMatches` matches in order of time, and how many there are in all
 */
export function findMatches(query: string, lines: readonly SeenLine[]): {matches: Match[]; total: number} {
  const needle = query.toLowerCase();
  const matches: Match[] = [];
  let total = 0;
  if (needle.trim() === '') return {matches, total};
  /** The match that a line belongs to, by the line's index. */
  const matchOf = new Map<number, Match>();
  for (const [i, {text, time, before}] of lines.entries()) {
    const at = text.toLowerCase().indexOf(needle);
    if (at < 0) continue;
    let match = matchOf.get(before);
    if (match) {
      match.line = text;
      match.at = at;
    } else {
      match = {line: text, at, time};
      total++;
      if (matches.length < maxMatches) matches.push(match);
    }
    matchOf.set(i, match);
  }
  return {matches, total};
}

/** Marks every occurrence of `query` in the rows of a terminal, in browsers that can (CSS Custom Highlight API). */
export function highlight(host: Element | null, query: string): void {
  if (typeof CSS === 'undefined' || !('highlights' in CSS)) return;
  CSS.highlights.delete(highlightName);
  if (!host || query.trim() === '') return;
  const ranges: Range[] = [];
  for (const row of host.children) ranges.push(...rangesIn(row, query.toLowerCase()));
  if (ranges.length > 0) CSS.highlights.set(highlightName, new Highlight(...ranges));
}

const highlightName = 'replay-match';

/** Ranges over the occurrences of `needle` (lower case) in the text of an element, across the elements in it. */
function rangesIn(element: Element, needle: string): Range[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes: {node: Node; start: number}[] = [];
  let text = '';
  while (walker.nextNode()) {
    nodes.push({node: walker.currentNode, start: text.length});
    text += walker.currentNode.nodeValue ?? '';
  }
  const ranges: Range[] = [];
  const lower = text.toLowerCase();
  // Lower case may be longer than what it was made from (İ): then the places do not match.
  if (lower.length !== text.length) return ranges;
  const place = (range: Range, at: number, end: boolean) => {
    const holder = nodes.findLast(({start}) => (end ? start < at : start <= at));
    if (holder) range[end ? 'setEnd' : 'setStart'](holder.node, at - holder.start);
  };
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, at + needle.length)) {
    const range = document.createRange();
    place(range, at, false);
    place(range, at + needle.length, true);
    ranges.push(range);
  }
  return ranges;
}
