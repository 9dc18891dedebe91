import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {cacheFolder} from '../../host/cache.ts';
import type {Outcome} from './stage.ts';

/** Files of the repository, tracked or new but not ignored, relative to the root, with `/`, sorted. Deleted ones are left out. */
export function projectFiles(root: string): string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return [...new Set(list.split('\0'))].filter((file) => file && existsSync(path.join(root, file))).sort();
}

/** Content hash of files and of whatever else decides a result. */
export async function contentKey(root: string, files: readonly string[], ...more: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const text of [process.version, process.platform, ...more]) hash.update(`${text}\0`);
  for (const file of files) {
    hash.update(`${file}\0`);
    hash.update(
      createHash('sha256')
        .update(await readFile(path.join(root, file)))
        .digest(),
    );
  }
  return hash.digest('hex');
}

/**
 * Makes a deterministic check, unless it passed before with the very same input: then the earlier result stands. Only
 * clean passes are remembered.
 *
 * @param key hash of all that the check reads; see {@link contentKey}
 */
export async function unlessUnchanged(
  key: string,
  fresh: boolean,
  check: () => Promise<Outcome>,
  folder = cacheFolder('passed'),
): Promise<Outcome> {
  const record = path.join(folder, key);
  if (!fresh) {
    try {
      const passed = Number(readFileSync(record, 'utf8'));
      if (Number.isInteger(passed) && passed > 0) return {passed, failures: [], skips: [], notes: []};
    } catch {
      // Not there, or not readable: the check is made.
    }
  }
  const outcome = await check();
  if (outcome.failures.length === 0 && outcome.skips.length === 0 && outcome.passed > 0) {
    try {
      mkdirSync(folder, {recursive: true});
      writeFileSync(record, String(outcome.passed));
    } catch {
      // A cache that cannot be written costs the next run its time, nothing else.
    }
  }
  return outcome;
}
