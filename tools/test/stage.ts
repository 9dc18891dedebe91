/** A check that did not hold: its name and what a person needs in order to mend it. */
export type Failure = {
  name: string;
  output: string;
  /**
   * Makes the test that failed once more, by itself; see unsteady.ts. It is the same function for all failures of one
   * test. Missing where one failure is enough: for checks that depend on nothing but files, and for attacks.
   */
  again?: () => Promise<Outcome>;
};

/** Checks that could not be made here. */
export type Skip = {
  /** How many checks. */
  count: number;
  /** Which checks. */
  what: string;
  /** Why they were not made. */
  why: string;
  /** What to do to have them made, when something can be done. */
  remedy?: string;
};

/** How long a test took. */
export type Duration = {name: string; seconds: number};

/** What came of a stage. */
export type Outcome = {
  /** How many checks held. */
  passed: number;
  /** How many of those were not made again, since nothing that they depend on has changed since they passed. */
  remembered?: number;
  failures: Failure[];
  skips: Skip[];
  /** Short remarks worth a line even when all is well. */
  notes: string[];
  /** How long tests took, those that say so. */
  durations?: Duration[];
};

/** What the machine offers and the caller asked for. */
export type Context = {
  /** Root folder of the repository. */
  root: string;
  /** Path of Chromium, or null. */
  chromium: string | null;
  go: GoToolchain;
  /** Whether checks are made again even if nothing that they depend on has changed since they passed. */
  fresh: boolean;
  /** Shows what a long stage is doing; on a terminal only. */
  progress: (text: string) => void;
};

/** A Go that can build the module of `code/`, or the reason why there is none. */
export type GoToolchain = {program: string; version: string; env: NodeJS.ProcessEnv} | {program: null; why: string; remedy: string};

/** One stage of `npm test`. */
export type Stage = {
  /** Name for `--only`. */
  name: string;
  /** What it checks, for `--help`. */
  summary: string;
  run: (context: Context) => Promise<Outcome>;
  /** The stage whose result it needs, when that is made in the same run. */
  after?: string;
};

/** An outcome without anything in it yet. */
export const nothing = (): Outcome => ({passed: 0, failures: [], skips: [], notes: []});

/** Sums outcomes up. */
export function join(outcomes: readonly Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((sum, {passed}) => sum + passed, 0),
    remembered: outcomes.reduce((sum, {remembered = 0}) => sum + remembered, 0),
    failures: outcomes.flatMap(({failures}) => failures),
    skips: outcomes.flatMap(({skips}) => skips),
    notes: outcomes.flatMap(({notes}) => notes),
    durations: outcomes.flatMap(({durations = []}) => durations),
  };
}

/** The last line of `npm test`. */
export function closingLine(outcome: Outcome): string {
  const skipped = outcome.skips.reduce((sum, {count}) => sum + count, 0);
  return `${outcome.passed} passed, ${outcome.failures.length} failed, ${skipped} skipped`;
}
