import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import type {Experiment, Recording} from '../../sessions/script.ts';
import {startupFiles} from './shell.ts';

/** The Go that builds programs, with its environment. */
export type Go = {program: string; env: NodeJS.ProcessEnv};

/** What a script wants its session to find. */
export type Equipment = Pick<Recording | Experiment, 'programs' | 'files'>;

/**
 * Makes the folder whose content the recorded shell finds in its home directory and its
 * PATH: start-up files, the programs that the script wants, built from source, and the files it shows.
 *
 * @param root of the repository
 * @returns the folder, and a function that removes it
 */
export function makeHomeFolder(
  root: string,
  {programs = [], files = []}: Equipment,
  go: Go = {program: 'go', env: process.env},
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
      build(go, path.join(root, 'code'), program, path.join(folder, 'usr/local/bin', path.posix.basename(program)));
    for (const file of files) copyFileSync(path.join(root, file), path.join(folder, 'root', path.basename(file)));
  } catch (error) {
    remove();
    throw error;
  }
  return {folder, remove};
}

/**
 * Builds a program for Linux: the same source makes the same bytes, wherever and in whatever commit it lies.
 *
 * @param module folder of the Go module
 * @param program package in it, as `./steps/01-namespaces`
 * @param target path of the file to write
 * @throws Error that says what to do when there is no Go, or what does not compile
 */
export function build(go: Go, module: string, program: string, target: string): void {
  const {status, stderr, error} = spawnSync(go.program, ['build', '-trimpath', '-buildvcs=false', '-o', target, program], {
    cwd: module,
    encoding: 'utf8',
    env: {...go.env, GOOS: 'linux', CGO_ENABLED: '0'},
  });
  if (error) throw new Error(`cannot run go to build ${program}: ${error.message}. Install Go 1.26 or newer.`);
  if (status !== 0) throw new Error(`go build ${program} fails:\n${stderr}`);
}

/** Hash of all that a session finds in its home folder: names, modes and contents. */
export function homeHash(root: string, equipment: Equipment, go?: Go): string {
  const home = makeHomeFolder(root, equipment, go);
  try {
    const hash = createHash('sha256');
    const entries = readdirSync(home.folder, {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile());
    for (const file of entries.map((entry) => path.join(entry.parentPath, entry.name)).sort()) {
      hash
        .update(`${path.relative(home.folder, file)}\0${statSync(file).mode}\0`)
        .update(createHash('sha256').update(readFileSync(file)).digest());
    }
    return hash.digest('hex');
  } finally {
    home.remove();
  }
}
