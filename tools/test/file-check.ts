import type {Check} from './check.ts';
import {fileKeys} from './inputs.ts';
import {nothing, type Context, type Outcome} from './stage.ts';
import {recall, remember} from './unchanged.ts';

/** A check that says of each file by itself whether it holds: only the files are looked at that are not known to pass. */
export type FileCheck = Omit<Check, 'problems' | 'facts'> & {
  /** Reports whether a file decides the result of every other, as a configuration does. */
  decides: (file: string) => boolean;
  /** What else decides the result of a file, by its path; by default nothing but the file. */
  others?: (context: Context, files: readonly string[]) => (file: string) => Iterable<string>;
  /**
   * Looks at files.
   *
   * @param files from the root; null for all that the check reads
   * @returns what is wrong, or null, and the files that it is wrong with where the check can name them
   */
  problems: (context: Context, files: readonly string[] | null) => Promise<{found: string | null; failed?: ReadonlySet<string>}>;
};

/**
 * Makes a check of files, of those that have changed since they passed. With `--fresh`, or when most have changed, it is
 * made of all in one piece, as if nothing were remembered.
 *
 * @param all every file of the project
 * @param folder of the remembered passes; by default the user's
 */
export async function makeFileCheck(check: FileCheck, context: Context, all: readonly string[], folder?: string): Promise<Outcome> {
  const read = all.filter(check.reads);
  const keysNow = async (): Promise<Map<string, string>> =>
    fileKeys(
      context.root,
      {name: check.name, code: [import.meta.filename, ...check.code], data: all.filter(check.decides)},
      read,
      check.others?.(context, all),
    );
  const keys = await keysNow();
  const changed = context.fresh ? read : read.filter((file) => recall(keys.get(file) ?? '', folder) === undefined);
  if (changed.length === 0) return {...nothing(), passed: 1, remembered: 1};
  context.progress(check.name);
  const {found, failed} = await check.problems(context, changed.length * 2 > read.length ? null : changed);
  if (found === null || failed) {
    // A file that changed since may have been read before or after, so its key is taken again.
    const after = await keysNow();
    for (const file of changed) {
      const key = after.get(file);
      if (key !== undefined && key === keys.get(file) && !failed?.has(file)) remember(key, {passed: 1, skips: []}, folder);
    }
  }
  return found === null ? {...nothing(), passed: 1} : {...nothing(), failures: [{name: check.name, output: found}]};
}
