import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {cacheFolder as userCache} from '../host/cache.ts';
import {killGuarded, spawnGuarded} from './guard.ts';

/** The folder that keeps built images. */
export function cacheFolder(): string {
  return userCache('vm');
}

/** A folder for work that must not be seen half done. */
export type Scratch = {readonly folder: string; close(): void};

/** Makes one. It goes with `close()`, and with us when we are killed. */
export function openScratch(): Scratch {
  fs.mkdirSync(cacheFolder(), {recursive: true});
  sweep();
  const folder = fs.mkdtempSync(path.join(cacheFolder(), `scratch-${process.pid}-`));
  const keeper = spawnGuarded({command: 'sleep', args: ['86400'], scratch: folder, output: ['ignore', 'ignore']});
  return {
    folder,
    close: () => {
      killGuarded(keeper);
      fs.rmSync(folder, {recursive: true, force: true});
    },
  };
}

/** Writes a file of the cache folder, whole or not at all. */
export function writeCached(file: string, text: string): void {
  fs.mkdirSync(cacheFolder(), {recursive: true});
  const partial = path.join(cacheFolder(), `scratch-${process.pid}-${path.basename(file)}`);
  fs.writeFileSync(partial, text);
  fs.renameSync(partial, file);
}

/** Removes what a machine that lost its power in the middle of work has left. */
function sweep(): void {
  for (const name of fs.readdirSync(cacheFolder())) {
    const pid = /^scratch-(\d+)-/.exec(name)?.[1];
    if (pid && !alive(Number(pid))) fs.rmSync(path.join(cacheFolder(), name), {recursive: true, force: true});
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * A file with no name: it is gone when the last program that has it open ends.
 * `O_TMPFILE` (open(2)) on Linux; elsewhere a file that is unlinked at once.
 * Returns a descriptor to write to and one that can only read.
 */
export function unnamedFile(): {write: number; read: number} {
  if (process.platform === 'linux') {
    // Node names no O_TMPFILE; the kernel's value is __O_TMPFILE | O_DIRECTORY.
    const flags = 0o20000000 | fs.constants.O_DIRECTORY | fs.constants.O_RDWR;
    try {
      const write = fs.openSync(os.tmpdir(), flags, 0o600);
      return {write, read: fs.openSync(`/proc/self/fd/${write}`, 'r')};
    } catch {
      // Some filesystems have no O_TMPFILE: EOPNOTSUPP.
    }
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sheep-vm-'));
  const file = path.join(folder, 'files');
  const write = fs.openSync(file, 'w+', 0o600);
  const read = fs.openSync(file, 'r');
  fs.rmSync(folder, {recursive: true});
  return {write, read};
}
