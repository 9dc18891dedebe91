import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {writeCpio, type CpioEntry} from './cpio.ts';
import {folderEntries, memoryOf, repositoryEntries, writeBack} from './files.ts';

const pack = (entries: CpioEntry[]) => Buffer.concat([...writeCpio(entries)]);

describe('the shared folder', () => {
  let base: string;
  let folder: string;
  beforeEach(() => {
    base = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-files-'));
    folder = path.join(base, 'share');
    fs.mkdirSync(folder);
  });
  afterEach(() => fs.rmSync(base, {recursive: true}));

  it('goes there and back', () => {
    fs.mkdirSync(path.join(folder, 'sub/empty'), {recursive: true});
    fs.writeFileSync(path.join(folder, 'sub/run.sh'), '#!/bin/sh\n', {mode: 0o755});
    fs.symlinkSync('sub/run.sh', path.join(folder, 'link'));
    const archive = pack(folderEntries(folder));
    const copy = path.join(base, 'copy');
    fs.mkdirSync(copy);
    expect(writeBack(archive, copy)).toBe(2);
    expect(fs.readFileSync(path.join(copy, 'link'), 'utf8')).toBe('#!/bin/sh\n');
    expect(fs.statSync(path.join(copy, 'sub/run.sh')).mode & 0o777).toBe(0o755);
    expect(fs.readdirSync(path.join(copy, 'sub/empty'))).toEqual([]);
  });

  it('replaces a changed file whole and leaves the others', () => {
    fs.writeFileSync(path.join(folder, 'a'), 'old');
    fs.writeFileSync(path.join(folder, 'b'), 'kept');
    writeBack(pack([{type: 'file', path: 'a', mode: 0o644, data: Buffer.from('new')}]), folder);
    expect(fs.readFileSync(path.join(folder, 'a'), 'utf8')).toBe('new');
    expect(fs.readdirSync(folder).sort()).toEqual(['a', 'b']);
  });

  it('writes nothing through a link that leaves the folder', () => {
    fs.mkdirSync(path.join(base, 'outside'));
    fs.symlinkSync('../outside', path.join(folder, 'way'));
    const archive = pack([{type: 'file', path: 'way/file', mode: 0o644, data: Buffer.from('x')}]);
    expect(() => writeBack(archive, folder)).toThrow(/leaves/);
    expect(fs.readdirSync(path.join(base, 'outside'))).toEqual([]);
  });

  it('writes nothing at all when any entry is refused', () => {
    const archive = pack([
      {type: 'file', path: 'good', mode: 0o644, data: Buffer.from('x')},
      {type: 'file', path: '../bad', mode: 0o644, data: Buffer.from('x')},
    ]);
    expect(() => writeBack(archive, folder)).toThrow('../bad');
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe('repositoryEntries', () => {
  const entries = repositoryEntries();

  it('has the sources, each folder before what it holds, and nothing that was built', () => {
    const paths = entries.map((entry) => entry.path);
    expect(paths).toContain('vm/files.test.ts');
    expect(paths.indexOf('vm')).toBeLessThan(paths.indexOf('vm/files.test.ts'));
    expect(paths.some((name) => /^(node_modules|\.git|build)(\/|$)/.test(name))).toBe(false);
  });

  it('counts memory by whole pages', () => {
    expect(memoryOf([{type: 'file', path: 'a', mode: 0o644, data: Buffer.alloc(4097)}])).toBe(8192);
  });
});
