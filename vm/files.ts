import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type {CpioEntry} from './cpio.ts';
import {readCpio} from './cpio.ts';
import {VmError} from './failure.ts';

/** The root of this repository. */
export const repositoryFolder = path.join(import.meta.dirname, '..');

/** Folders that are made from the others, or are not the project's. */
const LEFT_OUT = new Set(['.git', 'node_modules', 'build', '.docusaurus', '.derived', 'coverage', 'test-results']);

/**
 * Every file of the repository that git would keep; without git, every file that is not built. Modes are the two that
 * git knows, so that an ordinary user of the machine can read what a strict umask(2) made here.
 */
export function repositoryEntries(): CpioEntry[] {
  const list = entries(repositoryFolder, listTracked(repositoryFolder) ?? listAll(repositoryFolder, LEFT_OUT));
  return list.map((entry) => (entry.type === 'link' ? entry : {...entry, mode: entry.mode & 0o100 ? 0o755 : 0o644}));
}

/** Every file of a folder. */
export function folderEntries(folder: string): CpioEntry[] {
  return entries(folder, listAll(folder));
}

function listTracked(folder: string): string[] | undefined {
  try {
    const args = ['-C', folder, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
    return execFileSync('git', args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26})
      .split('\0')
      .filter(Boolean);
  } catch {
    return undefined;
  }
}

function listAll(folder: string, leftOut: ReadonlySet<string> = new Set(), prefix = ''): string[] {
  return fs.readdirSync(path.join(folder, prefix), {withFileTypes: true}).flatMap((entry) => {
    if (prefix === '' && leftOut.has(entry.name)) return [];
    const name = prefix + entry.name;
    return entry.isDirectory() ? [name, ...listAll(folder, leftOut, `${name}/`)] : [name];
  });
}

function entries(folder: string, names: readonly string[]): CpioEntry[] {
  const found = new Map<string, CpioEntry>();
  for (const name of names) {
    const parts = name.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = parts.slice(0, depth).join('/');
      if (!found.has(parent)) found.set(parent, {type: 'directory', path: parent, mode: 0o755});
    }
    const file = path.join(folder, name);
    let stat;
    try {
      stat = fs.lstatSync(file);
    } catch {
      continue; // Deleted, but git still knows it; or gone since it was listed.
    }
    if (stat.isDirectory()) found.set(name, {type: 'directory', path: name, mode: stat.mode & 0o777});
    else if (stat.isSymbolicLink()) found.set(name, {type: 'link', path: name, target: fs.readlinkSync(file)});
    else if (stat.isFile()) found.set(name, {type: 'file', path: name, mode: stat.mode & 0o777, data: fs.readFileSync(file)});
  }
  return [...found.values()];
}

/** Bytes that entries take in the machine's memory, to the page. */
export function memoryOf(list: readonly CpioEntry[]): number {
  return list.reduce((sum, entry) => sum + (entry.type === 'file' ? Math.ceil(entry.data.length / 4096) * 4096 : 4096), 0);
}

/**
 * Writes what the machine sent back into the shared folder. The whole archive is checked
 * before the first file is written; each file appears whole or not at all.
 */
export function writeBack(archive: Uint8Array, folder: string): number {
  const list = readCpio(archive);
  const real = fs.realpathSync(folder);
  let written = 0;
  for (const entry of list) {
    const target = path.join(folder, entry.path);
    // A link that was in the folder before must not lead a write out of it.
    const parent = path.dirname(target);
    fs.mkdirSync(parent, {recursive: true});
    const inside = path.relative(real, fs.realpathSync(parent));
    if (inside.startsWith('..') || path.isAbsolute(inside)) {
      throw new VmError('lost', `${entry.path}: its folder is a link that leaves ${folder}; nothing more was written.`);
    }
    if (entry.type === 'directory') {
      if (!fs.existsSync(target)) fs.mkdirSync(target, {mode: entry.mode});
      continue;
    }
    const partial = path.join(parent, `.${path.basename(target)}.vm-partial`);
    fs.rmSync(partial, {force: true});
    if (entry.type === 'link') fs.symlinkSync(entry.target, partial);
    else fs.writeFileSync(partial, entry.data, {mode: entry.mode, flag: 'wx'});
    fs.renameSync(partial, target);
    written++;
  }
  return written;
}
