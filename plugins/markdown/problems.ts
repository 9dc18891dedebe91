import path from 'node:path';
import leven from 'leven';

/** Something wrong in a file that an author can mend. */
export type Problem = {
  /** Path from the root of the repository, with `/`. */
  file: string;
  /** Line of the file, from 1. */
  line: number;
  /** What is wrong and what to do about it. */
  message: string;
};

/** `docs/01-namespaces.mdx:12: what is wrong`, one problem a line. */
export function format(problems: readonly Problem[]): string {
  return problems.map(({file, line, message}) => `${file}:${line}: ${message}`).join('\n');
}

/** Ends a build or command on problems in files: the message names each. */
export class ProblemsError extends Error {
  override name = 'ProblemsError';
  readonly #problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(format(problems));
    this.#problems = problems;
    // The place of the mistake is in the author's file; where in our code it was found only hides that.
    this.stack = this.message;
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }
}

/** A file's path from the root of the site, written with `/` on every system. */
export function relative(siteDir: string, file: string): string {
  return path.relative(siteDir, file).split(path.sep).join('/');
}

/** ` (did you mean “x”?)` with the nearest of the known names, or nothing when none is near. */
export function suggest(name: string, known: Iterable<string>): string {
  const best = [...known].map((candidate) => ({candidate, distance: leven(name, candidate)})).sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, name.length / 3) ? ` (did you mean “${best.candidate}”?)` : '';
}
