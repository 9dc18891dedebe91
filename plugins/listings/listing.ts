import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {parseMeta, type AttributeName} from '../markdown/meta.ts';
import {findFiles, type Fence} from '../markdown/documents.ts';
import {relative, suggest, type Problem} from '../markdown/problems.ts';
import {goDeclarations, type Declaration} from './declarations.ts';
import {join, parseSource, slice, within, type ListingLine, type Range, type Region, type Source} from './regions.ts';
import {changedPieces, chaptersWithSteps, compare, findStages, parseStaged} from './stages.ts';

/** What a fence with `file=` stands for. */
export type Listing = {
  /** Path of the source file from the root. */
  file: string;
  lines: readonly ListingLine[];
  emphasised: readonly number[];
  /** The earlier stage, when only what is new since then is shown. */
  since?: string;
  /** All lines of the file, when a comparison shows less. */
  whole?: readonly ListingLine[];
};

/** Columns of code that fit on a page beside the line numbers; a tab goes to the next multiple of 4, as in code.css. */
export const columnLimit = 76;
const tabSize = 4;
/** Lines of a file that a listing shows without anything being chosen from it. */
export const wholeFileLimit = 150;

/** Attributes that mean nothing without a file. */
const ofFile = ['show', 'region', 'diff-against', 'removed'] as const satisfies readonly AttributeName[];

/** Reports whether a fence cites a file. An attribute that needs one is meant to. */
export function citesFile(meta: string | null | undefined): boolean {
  const {attributes} = parseMeta(meta);
  return attributes.file !== undefined || ofFile.some((name) => attributes[name] !== undefined);
}

const isGo = (file: string): boolean => file.endsWith('.go');

/** The declaration that a line is in, below its doc comment. */
const around = (line: number, declarations: readonly Declaration[]): Declaration | undefined =>
  declarations.find(({head, last}) => head <= line && line <= last);

/** What is wrong with a region of a Go file that is not a cut inside one declaration; null when it is one. */
function misplaced(file: string, {name, start, end}: Region, declarations: readonly Declaration[]): string | null {
  const outer = around(start, declarations);
  if (outer && outer === around(end, declarations)) return null;
  const names = declarations.filter(({first, last}) => first > start && last < end).flatMap((declaration) => declaration.names[0] ?? []);
  if (names.length === 0)
    return `region “${name}” is not inside a function; move its markers into one, or show declarations by name with show=`;
  return `region “${name}” wraps whole declarations; remove its markers and show them by name: file=${file} show="${names.join(', ')}"`;
}

/** Reads and caches source files by path, so that a file cited ten times is parsed once. */
export class Sources {
  readonly #read = new Map<string, Promise<Source | null>>();
  readonly #declarations = new Map<string, Promise<Declaration[]>>();
  constructor(readonly siteDir: string) {}

  async #load(file: string): Promise<Source | null> {
    let text: string;
    try {
      text = await readFile(path.join(this.siteDir, file), 'utf8');
    } catch (error) {
      if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
    const source = parseSource(text);
    if (!isGo(file) || source.regions.size === 0) return source;
    const declarations = await this.declarations(file, source);
    const wrong = [...source.regions.values()].flatMap((region) => {
      const message = misplaced(file, region, declarations);
      return message === null ? [] : [{line: region.start, message}];
    });
    return {...source, problems: [...source.problems, ...wrong]};
  }

  /** @returns null when there is no such file */
  get(file: string): Promise<Source | null> {
    let source = this.#read.get(file);
    if (!source) {
      source = this.#load(file);
      this.#read.set(file, source);
    }
    return source;
  }

  /** Declarations of a Go file; none of any other. */
  declarations(file: string, {text}: Source): Promise<Declaration[]> {
    if (!isGo(file)) return Promise.resolve([]);
    let found = this.#declarations.get(file);
    if (!found) {
      found = goDeclarations(text);
      this.#declarations.set(file, found);
    }
    return found;
  }
}

/** Whether a path stays inside the repository and is written the same on every system. */
function isPlainPath(file: string): boolean {
  return !path.isAbsolute(file) && !file.includes('\\') && path.posix.normalize(file) === file && !file.startsWith('..');
}

/** Line numbers of a listing as ranges, such as `12-18,22`. */
function extent(lines: readonly ListingLine[]): string {
  const found: {first: number; last: number}[] = [];
  for (const {number} of lines) {
    if (number === null) continue;
    const range = found.at(-1);
    if (range?.last === number - 1) range.last = number;
    else found.push({first: number, last: number});
  }
  return found.map(({first, last}) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** Width of a line as it is shown. */
function columns(text: string): number {
  let column = 0;
  for (const character of text) column = character === '\t' ? column - (column % tabSize) + tabSize : column + 1;
  return column;
}

/** Collects what is wrong with the fence, or with a file that it cites. */
type Fail = (message: string) => void;

/** Lines of the declarations that `show=` names, in its order. */
function findShown(show: string, file: string, declarations: readonly Declaration[], fail: Fail): Declaration[] {
  if (!isGo(file)) {
    fail(`show= names declarations of Go, and ${file} is not a Go file; mark a region in it and write region=`);
    return [];
  }
  const known = declarations.flatMap(({names}) => names);
  const taken = new Map<Declaration, string>();
  for (const name of show.split(',').map((part) => part.trim())) {
    const found = declarations.filter(({names}) => names.includes(name));
    if (name === '') fail(`show="${show}" has an empty name; write names with one comma between two`);
    else if (found.length === 0) {
      // A method is often asked for without its type.
      const method = known.find((candidate) => candidate.endsWith(`.${name}`));
      const near = method === undefined ? suggest(name, known) : ` (did you mean “${method}”?)`;
      const list = known.length > 12 ? `${known.slice(0, 12).join(', ')} and ${known.length - 12} more` : known.join(', ') || 'nothing';
      fail(`${file} declares no “${name}”${near}; it declares ${list}`);
    }
    for (const declaration of found) {
      const before = taken.get(declaration);
      if (before === undefined) taken.set(declaration, name);
      else
        fail(
          before === name ? `show= names “${name}” twice` : `“${name}” is declared together with “${before}”, which shows it; remove one`,
        );
    }
  }
  return [...taken.keys()];
}

/** What is chosen of a file: its lines, run by run, and the folds among them that are wrong. */
function cut(source: Source, ranges: readonly Range[]): {pieces: ListingLine[][]; problems: Source['problems']} {
  const cuts = ranges.map((range) => slice(source, range));
  return {pieces: cuts.map(({lines}) => lines), problems: cuts.flatMap(({problems}) => problems)};
}

/**
 * Finds what a fence with `file=` stands for.
 *
 * - `file=` alone: the whole file.
 * - `show="Overlay.Mount, escape"`: declarations of a Go file by name, with their doc comments, in the order named.
 * - `region=name`: the lines between two markers.
 * - `diff-against=2-pid`: of the whole file, or of what `show=` names, the lines that the same file of that stage does
 *   not have; with `removed` also those that only that one has. `diff-against=01-namespaces` compares with the last
 *   stage of that earlier chapter.
 *
 * @param fence a fence that {@link citesFile}
 * @returns the listing, or null with at least one problem; a problem of a source file names that file, all others the document
 */
export async function resolveListing(fence: Fence, sources: Sources): Promise<{listing: Listing | null; problems: Problem[]}> {
  const {attributes, emphasised, problems: metaProblems} = parseMeta(fence.meta);
  const problems: Problem[] = [];
  const fail: Fail = (message) => void problems.push({file: fence.file, line: fence.line, message});
  const done = (listing: Listing | null): {listing: Listing | null; problems: Problem[]} => ({
    listing: problems.length > 0 ? null : listing,
    problems,
  });
  metaProblems.forEach(fail);
  const {file, show, region: regionName, 'diff-against': against, removed} = attributes;
  if (file === undefined) {
    fail(`${ofFile.find((name) => attributes[name] !== undefined) ?? ''} without file=; say which file the listing is of`);
    return done(null);
  }
  if (fence.lang === '') fail(`a listing needs a language; write \`\`\`go file=${file}`);
  if (fence.value.trim() !== '') fail('a listing has no text of its own, its text comes from the file; empty the fence');
  if (regionName !== undefined && show !== undefined) fail('region= and show= both say what to show; write one');
  if (regionName !== undefined && against !== undefined) fail('diff-against= compares whole files or what show= names; remove region=');
  if (removed !== undefined && against === undefined) fail('removed means nothing without diff-against=');
  if (!isPlainPath(file)) {
    fail(`file=${file} is not a path from the root of the repository, like code/namespace/start.go`);
    return done(null);
  }
  const source = await sources.get(file);
  if (!source) {
    const folder = file.split('/')[0] ?? '';
    const known = file.includes('/')
      ? (await findFiles(path.join(sources.siteDir, folder), () => true)).map((found) => relative(sources.siteDir, found))
      : [];
    fail(`no file ${file}${suggest(file, known)}`);
    return done(null);
  }
  for (const {line, message} of source.problems) problems.push({file, line, message});
  const region = regionName === undefined ? undefined : source.regions.get(regionName);
  if (regionName !== undefined && !region) {
    // A region that is there but broken has been told already.
    if (source.problems.length === 0) {
      const names = [...source.regions.keys()];
      fail(`${file} has no region “${regionName}”${suggest(regionName, names)}; it has ${names.length > 0 ? names.join(', ') : 'none'}`);
    }
    return done(null);
  }
  const declarations = await sources.declarations(file, source);
  const everything: Range = {first: 1, last: source.lines.length};
  const ranges = show === undefined ? [region ? within(region) : everything] : findShown(show, file, declarations, fail);
  if (ranges.length === 0) return done(null);
  const whole = slice(source);
  const {pieces, problems: foldProblems} = cut(source, ranges);
  for (const {line, message} of foldProblems) problems.push({file, line, message});

  let lines = join(file, source, pieces);
  let compared = false;
  if (against !== undefined) {
    const before = await findEarlier(file, against, sources, fail);
    if (before === undefined) return done(null);
    if (before) {
      const changes = compare(slice(before).lines, whole.lines).filter(({change}) => change !== 'removed' || removed !== undefined);
      lines = join(file, source, changedPieces(changes, declarations, ranges));
      compared = true;
      if (lines.length === 0)
        fail(`nothing is new in ${file} against ${against}${removed === undefined ? '; to show what is gone, add removed' : ''}`);
    }
  }
  if (whole.lines.length === 0) fail(`${file} is empty; a listing of it shows nothing`);
  if (show === undefined && !region && !compared && lines.length > wholeFileLimit) {
    fail(
      `${file} has ${lines.length} lines, and a listing of a whole file at most ${wholeFileLimit}; name what to show${isGo(file) ? ' with show="…"' : ', as a region'}`,
    );
  }
  const hasFewer = compared && lines.filter(({number}) => number !== null).length < whole.lines.length;
  const wide = [...lines, ...(hasFewer ? whole.lines : [])].filter(({text}) => columns(text) > columnLimit);
  for (const {number, text, change} of new Map(wide.map((line) => [line.number ?? line.text, line])).values()) {
    const message = `has ${columns(text)} columns where a listing shows it (${fence.file}:${fence.line}), and ${columnLimit} fit; wrap it`;
    if (change === 'removed') fail(`a removed line of ${file}, “${text.trim().slice(0, 40)}…”, ${message}`);
    else problems.push({file, line: number ?? 1, message: `this line ${message}`});
  }
  const shown = new Set(lines.map(({number}) => number));
  const hidden = emphasised.filter((number) => !shown.has(number));
  if (hidden.length > 0) {
    fail(`line ${hidden.join(', ')} is not shown here; {…} takes line numbers of ${file}, of which these are shown: ${extent(lines)}`);
  }
  return done({
    file,
    lines,
    emphasised,
    ...(compared && against !== undefined ? {since: against} : {}),
    ...(hasFewer ? {whole: whole.lines} : {}),
  });
}

/**
 * Finds the file of the stage that a listing compares with.
 *
 * @returns null when the stage does not have the file, which is then new; undefined when there is no such stage
 */
async function findEarlier(file: string, against: string, sources: Sources, fail: Fail): Promise<Source | null | undefined> {
  const staged = parseStaged(file);
  if (!staged) {
    fail(`diff-against= compares stages, and ${file} is not of one; stages are folders like code/steps/01-namespaces/2-pid`);
    return undefined;
  }
  const {steps, chapter, stage, rest} = staged;
  const {stages, elsewhere} = await findStages(sources.siteDir, staged, against);
  const others = stages.filter((name) => name !== stage);
  const has = `${chapter} has ${others.length > 0 ? others.join(', ') : 'no other stage'}`;
  if (against.includes('/')) fail(`diff-against=${against} is not a stage of the same chapter; write its name alone: ${has}`);
  else if (against === stage) fail(`diff-against=${against} compares the stage with itself; ${has}`);
  else if (stages.includes(against)) return sources.get(`${steps}/${chapter}/${against}/${rest}`);
  else if (against < chapter && (await chaptersWithSteps(sources.siteDir, steps)).includes(against))
    return sources.get(`${steps}/${against}/${rest}`);
  else if (elsewhere.length > 0)
    fail(`“${against}” is a stage of ${elsewhere.join(' and ')}; diff-against= takes one of the same chapter: ${has}`);
  else fail(`no stage “${against}”${suggest(against, others)}; ${has}`);
  return undefined;
}
