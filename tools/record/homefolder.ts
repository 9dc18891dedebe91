import {spawnSync} from 'node:child_process';
import {copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import type {Experiment, Recording} from '../../sessions/script.ts';
import {startupFiles} from './shell.ts';

/**
 * Makes the folder whose content the recorded shell finds in its home directory and its
 * PATH: start-up files, the programs that the script wants, built from source, and the files it shows.
 *
 * @param root of the repository
 * @returns the folder, and a function that removes it
 */
export function makeHomeFolder(
  root: string,
  {programs = [], files = []}: Pick<Recording | Experiment, 'programs' | 'files'>,
): {folder: string; remove: () => void} {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sheep-record-'));
  const remove = (): void => rmSync(folder, {recursive: true, force: true});
  try {
    for (const [name, content] of Object.entries(startupFiles)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), {recursive: true});
      writeFileSync(file, content);
    }
    for (const program of programs)
      build(path.join(root, 'code'), program, path.join(folder, 'usr/local/bin', path.posix.basename(program)));
    for (const file of files) copyFileSync(path.join(root, file), path.join(folder, 'root', path.basename(file)));
  } catch (error) {
    remove();
    throw error;
  }
  return {folder, remove};
}

function build(module: string, program: string, target: string): void {
  const {status, stderr, error} = spawnSync('go', ['build', '-trimpath', '-o', target, program], {
    cwd: module,
    encoding: 'utf8',
    env: {...process.env, GOOS: 'linux', CGO_ENABLED: '0'},
  });
  if (error) throw new Error(`cannot run go to build ${program}: ${error.message}. Install Go 1.26 or newer.`);
  if (status !== 0) throw new Error(`go build ${program} fails:\n${stderr}`);
}
