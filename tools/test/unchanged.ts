import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {cacheFolder} from '../../host/cache.ts';
import {nothing, type Outcome} from './stage.ts';

/** Files of the repository, tracked or new but not ignored, relative to the root, with `/`, sorted. Deleted ones are left out. */
export function projectFiles(root: string): string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return [...new Set(list.split('\0'))].filter((file) => file && existsSync(path.join(root, file))).sort();
}

/** What is remembered of a check that passed. */
type Passed = Pick<Outcome, 'passed' | 'skips'>;

/** The folder of a user's remembered passes: one file for each, named by the key of what was checked. */
export const passes = (): string => cacheFolder('passed');

/**
 * Makes a deterministic check, unless it passed before with the very same input: then the earlier result stands, with
 * what it had to skip.
 *
 * @param keyNow takes the hash of all that decides the result, see `inputKey` in inputs.ts; it is taken again after the
 *   check, since a file that changed since may have been read before or after
 */
export async function unlessUnchanged(
  keyNow: () => Promise<string>,
  fresh: boolean,
  check: () => Promise<Outcome>,
  folder = passes(),
): Promise<Outcome> {
  const key = await keyNow();
  const known = fresh ? undefined : recall(key, folder);
  if (known) return {...nothing(), ...known, remembered: known.passed};
  const outcome = await check();
  if (outcome.failures.length === 0 && outcome.passed > 0 && (await keyNow()) === key) remember(key, outcome, folder);
  return outcome;
}

/** The result of a check that passed with a key, if it is remembered. */
export function recall(key: string, folder = passes()): Passed | undefined {
  const record = path.join(folder, key);
  try {
    const {passed, skips} = JSON.parse(readFileSync(record, 'utf8')) as Passed;
    if (!(passed > 0) || !Array.isArray(skips)) return undefined;
    // What is still of use is kept, by the time of its last use.
    utimesSync(record, new Date(), new Date());
    return {passed, skips};
  } catch {
    return undefined; // Not there, or not readable.
  }
}

/** Remembers a pass. A cache that cannot be written costs the next run its time, nothing else. */
export function remember(key: string, {passed, skips}: Passed, folder = passes()): void {
  try {
    mkdirSync(folder, {recursive: true});
    writeFileSync(path.join(folder, key), JSON.stringify({passed, skips}));
  } catch {
    // The check is made again.
  }
}

/** Forgets the passes that no run has used for a month. */
export function forgetOld(folder = passes(), now = Date.now()): void {
  const month = 30 * 24 * 60 * 60 * 1000;
  try {
    for (const name of readdirSync(folder)) {
      const record = path.join(folder, name);
      if (now - statSync(record).mtimeMs > month) rmSync(record);
    }
  } catch {
    // There is none, or another run was faster.
  }
}
