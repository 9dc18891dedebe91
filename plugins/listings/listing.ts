import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {parseMeta} from '../markdown/meta.ts';
import {findFiles, type Fence} from '../markdown/documents.ts';
import {relative, suggest, type Problem} from '../markdown/problems.ts';
import {parseSource, slice, type ListingLine, type Source} from './regions.ts';

/** What a fence with `file=` stands for. */
export type Listing = {
  /** Path of the source file from the root. */
  file: string;
  region: string | null;
  lines: readonly ListingLine[];
  emphasised: readonly number[];
};

/** Whether a fence cites a file. `region=` alone is meant to. */
export function citesFile(meta: string | null | undefined): boolean {
  const {attributes} = parseMeta(meta);
  return attributes.file !== undefined || attributes.region !== undefined;
}

/** Reads and caches source files by path, so that a file cited ten times is parsed once. */
export class Sources {
  readonly #read = new Map<string, Promise<Source | null>>();
  constructor(readonly siteDir: string) {}

  /** @returns null when there is no such file */
  get(file: string): Promise<Source | null> {
    let source = this.#read.get(file);
    if (!source) {
      source = readFile(path.join(this.siteDir, file), 'utf8').then(parseSource, (error: unknown) => {
        if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
        throw error;
      });
      this.#read.set(file, source);
    }
    return source;
  }
}

/** Whether a path stays inside the repository and is written the same on every system. */
function isPlainPath(file: string): boolean {
  return !path.isAbsolute(file) && !file.includes('\\') && path.posix.normalize(file) === file && !file.startsWith('..');
}

/** Line numbers of a listing as ranges, such as `12-18,22`. */
function ranges(lines: readonly ListingLine[]): string {
  const found: {first: number; last: number}[] = [];
  for (const {number} of lines) {
    if (number === null) continue;
    const range = found.at(-1);
    if (range?.last === number - 1) range.last = number;
    else found.push({first: number, last: number});
  }
  return found.map(({first, last}) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/**
 * Finds what a fence with `file=` stands for.
 *
 * @param fence a fence that {@link citesFile}
 * @returns the listing, or null with at least one problem; a problem of a source file names that file, all others the document
 */
export async function resolveListing(fence: Fence, sources: Sources): Promise<{listing: Listing | null; problems: Problem[]}> {
  const {attributes, emphasised, problems: metaProblems} = parseMeta(fence.meta);
  const problems: Problem[] = [];
  const fail = (message: string): void => void problems.push({file: fence.file, line: fence.line, message});
  const done = (listing: Listing | null): {listing: Listing | null; problems: Problem[]} => ({
    listing: problems.length > 0 ? null : listing,
    problems,
  });
  metaProblems.forEach(fail);
  const {file, region: regionName} = attributes;
  if (file === undefined) {
    fail('region= without file=; say which file the region is in');
    return done(null);
  }
  if (fence.lang === '') fail(`a listing needs a language; write \`\`\`go file=${file}`);
  if (fence.value.trim() !== '') fail('a listing has no text of its own, its text comes from the file; empty the fence');
  if (!isPlainPath(file)) {
    fail(`file=${file} is no path from the root of the repository, like code/namespace/start.go`);
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
  const {lines, problems: foldProblems} = slice(source, region);
  for (const {line, message} of foldProblems) problems.push({file, line, message});
  if (lines.length === 0) fail(`${file} is empty; a listing of it shows nothing`);
  const shown = new Set(lines.map(({number}) => number));
  const hidden = emphasised.filter((number) => !shown.has(number));
  if (hidden.length > 0) {
    fail(`line ${hidden.join(', ')} is not shown here; {…} takes line numbers of ${file}, of which these are shown: ${ranges(lines)}`);
  }
  return done({file, region: regionName ?? null, lines, emphasised});
}
