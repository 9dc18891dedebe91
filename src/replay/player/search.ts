import {plainText, type Cast} from '../format/index.ts';
import type {Command, ReplayIndex} from '../outline/index.ts';
import {firstAfter} from './actions.ts';

/** A line that contains what was searched for. */
export type Match = {
  /** The line, as text. */
  line: string;
  /** Where the match starts in `line`, in UTF-16 code units. */
  at: number;
  /** Seconds at which the line was on the screen. */
  time: number;
};

/** More matches than this help nobody; the list says that there are more. */
export const maxMatches = 200;

/** A line of what the recording printed, and when its last character came. */
type Line = {text: string; time: number};

/**
 * Finds text in the commands and in what was printed, without regard to case.
 *
 * Lines come from the command index, where there is one: they are as the terminal showed them. The moment of a line of
 * output is found in the events of its command. A recording without commands is searched line by line as it was printed.
 *
 * @returns at most `maxMatches` matches in order of time, and how many there are in all
 */
export function findMatches(query: string, cast: Cast, index: Pick<ReplayIndex, 'commands'>): {matches: Match[]; total: number} {
  const needle = query.toLowerCase();
  const matches: Match[] = [];
  let total = 0;
  if (needle.trim() === '') return {matches, total};
  const look = (line: string, timeOf: () => number) => {
    const at = line.toLowerCase().indexOf(needle);
    if (at < 0) return;
    total++;
    if (matches.length < maxMatches) matches.push({line, at, time: timeOf()});
  };
  if (index.commands.length === 0) {
    for (const {text, time} of linesOf(cast, 0, Infinity)) look(text, () => time);
    return {matches, total};
  }
  for (const command of index.commands) {
    look(command.text, () => command.time);
    const printed = lazily(() => linesOf(cast, command.time, command.end));
    let from = 0;
    for (const line of command.output.split('\n')) {
      look(line, () => {
        const found = printed().findIndex((other, i) => i >= from && other.text.toLowerCase().includes(needle));
        // Text that the program moved about on the screen is not found in the order of printing: then it is there at
        // the end of the command.
        if (found < 0) return lastMoment(command);
        from = found + 1;
        return printed()[found]?.time ?? lastMoment(command);
      });
    }
  }
  return {matches, total};
}

/** When all output of a command is there: just before the next prompt may clear it. */
function lastMoment(command: Command): number {
  return Math.max(command.time, command.end - 0.001);
}

function lazily<T>(make: () => T): () => T {
  let made: {it: T} | undefined;
  return () => (made ??= {it: make()}).it;
}

/** The lines printed from `start` to `end` (seconds, both included), without escape sequences. */
function linesOf(cast: Cast, start: number, end: number): Line[] {
  const lines: Line[] = [];
  let text = '';
  let time = start;
  // An escape sequence may be split between events, so the text is cleaned line by line, not event by event.
  const push = () => {
    lines.push({text: plainText(text), time});
    text = '';
  };
  // Just before `start`: output of that very moment belongs to it.
  for (let i = firstAfter(cast.events, start - 1e-9); i < cast.events.length; i++) {
    const event = cast.events[i];
    if (!event || event.time > end) break;
    if (event.code !== 'o') continue;
    const parts = event.data.split('\n');
    for (const [n, part] of parts.entries()) {
      if (n > 0) push();
      text += part;
      time = event.time;
    }
  }
  if (text) push();
  return lines;
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
