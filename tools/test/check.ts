import {inputKey} from './inputs.ts';
import {nothing, type Context, type Outcome} from './stage.ts';
import {unlessUnchanged} from './unchanged.ts';

/** The project's files: those that a check reads, and all of them. */
export type Files = {read: readonly string[]; all: readonly string[]};

/** A check of files, such as a linter: it holds or it does not. */
export type Check = {
  name: string;
  /** The files that have its code: what they import counts too. */
  code: readonly string[];
  /** Selects the files that it reads. */
  reads: (file: string) => boolean;
  /** What else decides its result, when there is more. */
  facts?: (context: Context, files: Files) => string[];
  /** Returns what is wrong, or null. */
  problems: (context: Context, files: Files) => Promise<string | null>;
};

/**
 * Makes a check, unless it is known to hold.
 *
 * @param all every file of the project
 */
export async function makeCheck(check: Check, context: Context, all: readonly string[]): Promise<Outcome> {
  const files = {read: all.filter(check.reads), all};
  const inputs = {
    name: check.name,
    code: [import.meta.filename, ...check.code],
    data: files.read,
    facts: check.facts?.(context, files),
  };
  return unlessUnchanged(
    () => inputKey(context.root, inputs),
    context.fresh,
    async () => {
      context.progress(check.name);
      const problems = await check.problems(context, files);
      return problems === null ? {...nothing(), passed: 1} : {...nothing(), failures: [{name: check.name, output: problems}]};
    },
  );
}
