import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {diffArrays} from 'diff';
import type {Declaration} from './declarations.ts';
import type {ListingLine, Range} from './regions.ts';

/** A file of a stage: `code/steps/01-namespaces/3-mount/main.go`. */
export type Staged = {
  /** Folder of all chapters' steps, such as `code/steps`. */
  steps: string;
  /** Folder of the chapter in it, such as `01-namespaces`. */
  chapter: string;
  /** The stage, such as `3-mount`; empty for the last one, whose files lie in the folder of the chapter. */
  stage: string;
  /** Path of the file in the stage. */
  rest: string;
};

/** Reads which stage a file is of; null for a file that is of none. */
export function parseStaged(file: string): Staged | null {
  const match = /^((?:.+\/)?steps)\/(\d{2}-[a-z0-9-]+)\/(?:(\d+-[a-z0-9-]+)\/(.+)|([^/]+))$/.exec(file);
  const [, steps, chapter, stage = '', inside, last] = match ?? [];
  const rest = inside ?? last;
  return steps !== undefined && chapter !== undefined && rest !== undefined ? {steps, chapter, stage, rest} : null;
}

/** Names of the folders in a folder, in order; none when it is not there. */
async function folders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, {withFileTypes: true});
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({name}) => name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Folders of the chapters that have programs, such as `01-namespaces`. */
export async function chaptersWithSteps(siteDir: string, steps: string): Promise<string[]> {
  return (await folders(path.join(siteDir, steps))).filter((folder) => /^\d{2}-/.test(folder));
}

/** The stages of a chapter, in their order, and the other chapters that have a stage of the given name. */
export async function findStages(
  siteDir: string,
  {steps, chapter}: Pick<Staged, 'steps' | 'chapter'>,
  name: string,
): Promise<{stages: string[]; elsewhere: string[]}> {
  const stagesOf = async (other: string): Promise<string[]> =>
    (await folders(path.join(siteDir, steps, other))).filter((folder) => /^\d+-/.test(folder)).sort((a, b) => parseInt(a) - parseInt(b));
  const elsewhere: string[] = [];
  for (const other of await folders(path.join(siteDir, steps))) {
    if (other !== chapter && (await stagesOf(other)).includes(name)) elsewhere.push(other);
  }
  return {stages: await stagesOf(chapter), elsewhere};
}

const indentation = (text: string): number => /^\s*/.exec(text)?.[0].length ?? 0;

/** A line as it is compared: alignment within it, which gofmt changes when a neighbour grows, is not a change. */
const comparable = (text: string): string => `${/^\s*/.exec(text)?.[0] ?? ''}${text.trim().replace(/\s+/g, ' ')}`;

/**
 * Where a block of added lines best begins. When the line before a block equals its last line, the block may as well
 * be said to begin one line earlier, and the other way round; of all places the lowest is taken whose first line is
 * indented least and closes nothing, so that a new function begins with `func` and not with the brace of the one before.
 *
 * @param lines all lines of the file, as compared
 * @param first index of the block's first line
 * @param end index of the first line after it
 * @param bounds indexes that the block must stay within
 */
function slide(lines: readonly string[], first: number, end: number, bounds: {from: number; to: number}): number {
  const starts = [first];
  const size = end - first;
  for (let start = first; start > bounds.from && lines[start - 1] === lines[start + size - 1]; start--) starts.unshift(start - 1);
  for (let start = first; start + size < bounds.to && lines[start] === lines[start + size]; start++) starts.push(start + 1);
  const good = (start: number): boolean => {
    const block = lines.slice(start, start + size).filter((line) => line !== '');
    const head = block[0] ?? '';
    return !/^\s*[})\]]/.test(head) && block.every((line) => indentation(line) >= indentation(head));
  };
  return starts.findLast(good) ?? starts.at(-1) ?? first;
}

/**
 * Compares two stages of a file.
 *
 * @param before lines of the earlier stage
 * @param after lines of the later one
 * @returns the lines of the later stage, those that are new marked `added`; between them, without a number and marked
 *   `removed`, the lines of the earlier one that are gone
 */
export function compare(before: readonly ListingLine[], after: readonly ListingLine[]): ListingLine[] {
  const texts = after.map(({text}) => comparable(text));
  const changes = diffArrays(
    before.map(({text}) => comparable(text)),
    texts,
  );
  const added = new Set<number>();
  const removed = new Map<number, string[]>();
  const blocks: {first: number; end: number; alone: boolean}[] = [];
  let old = 0;
  let index = 0;
  changes.forEach(({added: isNew, removed: isGone, count}, at) => {
    if (isGone) {
      const gone = before.slice(old, old + count).map(({text}) => text);
      removed.set(index, [...(removed.get(index) ?? []), ...gone]);
      old += count;
    } else if (isNew) {
      blocks.push({first: index, end: index + count, alone: !changes[at - 1]?.removed && !changes[at + 1]?.removed});
      index += count;
    } else {
      old += count;
      index += count;
    }
  });
  blocks.forEach(({first, end, alone}, at) => {
    // A block may slide over lines that stayed, and over no line that changed.
    const fixed = [...removed.keys()];
    const from = Math.max(blocks[at - 1]?.end ?? 0, ...fixed.filter((place) => place <= first));
    const to = Math.min(blocks[at + 1]?.first ?? texts.length, ...fixed.filter((place) => place >= end));
    const start = alone ? slide(texts, first, end, {from, to}) : first;
    for (let line = start; line < start + end - first; line++) added.add(line);
  });
  return [...after, null].flatMap((line, place) => [
    ...(removed.get(place) ?? []).map((text): ListingLine => ({text, number: null, change: 'removed'})),
    ...(line ? [added.has(place) ? {...line, change: 'added' as const} : line] : []),
  ]);
}

/**
 * What a listing of a comparison shows: the changed lines; between two of them a single line, which takes no more
 * space than a gap, or the closing brackets of blocks; and, where a change lies inside a declaration whose first line is old, that line (`func main() {`),
 * so that the reader sees where it is.
 *
 * @param lines what {@link compare} gives, or without its `removed` lines when those are not shown
 * @param declarations those of the file, if it is Go
 * @param ranges what of the file to show, in this order
 * @returns runs of lines, for `join`
 */
export function changedPieces(
  lines: readonly ListingLine[],
  declarations: readonly Declaration[],
  ranges: readonly Range[],
): ListingLine[][] {
  const isBlank = (index: number): boolean => lines[index]?.text.trim() === '';
  /** The file's line that each line stands at: its own, or for one without number that of the next. */
  const places: number[] = [];
  let place = Infinity;
  for (let index = lines.length - 1; index >= 0; index--) {
    place = lines[index]?.number ?? place;
    places[index] = place;
  }
  const lastNumber = lines.findLast(({number}) => number !== null)?.number ?? 0;
  /** Whether a gap would take as much space, or hide nothing but the ends of blocks. */
  const isShort = (between: readonly number[]): boolean => {
    const hidden = between.filter((index) => !isBlank(index));
    return hidden.length <= 1 || hidden.every((index) => /^[\s)\]}]*,?$/.test(lines[index]?.text ?? ''));
  };
  return ranges.flatMap(({first, last}) => {
    const own = lines.flatMap((_line, index) => {
      const at = places[index] ?? Infinity;
      return (at >= first && at <= last) || (at === Infinity && last >= lastNumber) ? [index] : [];
    });
    const shown = new Set<number>();
    /** The blank lines at the ends of a run of changes say nothing. */
    const runs: number[][] = [];
    for (const index of own) {
      if (lines[index]?.change === undefined) continue;
      const run = runs.at(-1);
      if (run?.at(-1) === index - 1) run.push(index);
      else runs.push([index]);
    }
    for (const run of runs) {
      const from = run.findIndex((index) => !isBlank(index));
      if (from < 0) continue;
      for (const index of run.slice(from, run.findLastIndex((at) => !isBlank(at)) + 1)) shown.add(index);
    }
    for (const index of [...shown]) {
      const at = places[index] ?? 0;
      const around = declarations.find((declaration) => declaration.head < at && at <= declaration.last);
      const head = around ? own.find((candidate) => lines[candidate]?.number === around.head) : undefined;
      if (head !== undefined) shown.add(head);
    }
    const pieces: number[][] = [];
    for (const index of own.filter((candidate) => shown.has(candidate))) {
      const piece = pieces.at(-1);
      const end = piece?.at(-1);
      const between = end === undefined ? [] : own.filter((candidate) => candidate > end && candidate < index);
      if (piece && isShort(between)) piece.push(...between, index);
      else pieces.push([index]);
    }
    // Where nothing but lines that are gone would stand, the line before says where they were.
    for (const piece of pieces) {
      if (piece.some((index) => lines[index]?.number !== null)) continue;
      const start = piece[0] ?? 0;
      const end = piece.at(-1) ?? 0;
      const above = own.findLast((index) => index < start && lines[index]?.number !== null && !isBlank(index));
      const below = own.find((index) => index > end && lines[index]?.number !== null && !isBlank(index));
      if (above !== undefined) piece.unshift(...own.filter((index) => index >= above && index < start));
      else if (below !== undefined) piece.push(...own.filter((index) => index > end && index <= below));
    }
    return pieces.map((piece) => piece.flatMap((index) => lines[index] ?? []));
  });
}
