import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {writeAtomically} from './files.ts';

describe('writeAtomically', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'files-test-'));
  afterAll(() => rmSync(folder, {recursive: true}));

  it('makes the folder, replaces the file, and leaves nothing else', () => {
    const file = path.join(folder, 'deep/a.txt');
    writeAtomically(file, 'old');
    writeAtomically(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(path.dirname(file))).toEqual(['a.txt']);
  });

  it('leaves nothing when it cannot write', () => {
    const file = path.join(folder, 'taken');
    mkdirSync(path.join(file, 'full'), {recursive: true});
    expect(() => writeAtomically(file, 'text')).toThrow();
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
