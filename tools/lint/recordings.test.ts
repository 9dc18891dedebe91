import {cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {format} from '../../plugins/markdown/problems.ts';
import {staleRecordings} from './recordings.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const script = 'sessions/recordings/01-pid-1.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'stale-'));
  for (const folder of ['sessions', 'static/recordings']) cpSync(path.join(repository, folder), path.join(root, folder), {recursive: true});
  symlinkSync(path.join(repository, 'node_modules'), path.join(root, 'node_modules'));
});
afterEach(() => rmSync(root, {recursive: true}));

const change = (from: string | RegExp, to: string): void => {
  const file = path.join(root, script);
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
};

describe('recordings', () => {
  it('are of their scripts', async () => {
    expect(format(await staleRecordings(repository))).toBe('');
  });

  it.each([
    ["title: '", "title: 'X", /:4: title has changed since it was recorded; run npm run record -- 01-pid-1$/],
    ["type: '", "type: 'true; ", /:11: what step 1 types has changed since it was recorded; run npm run record -- 01-pid-1$/],
    ["caption: '", "caption: 'So: ", /:\d+: the caption of step 1 has changed since it was recorded; run npm run record -- 01-pid-1$/],
  ])('are told from a script whose %s is another', async (from, to, message) => {
    change(from, to);
    expect(format(await staleRecordings(root))).toMatch(message);
  });

  it('are asked for where there is none, and removed where there is no script', async () => {
    cpSync(path.join(root, script), path.join(root, 'sessions/recordings/01-new.ts'));
    cpSync(path.join(root, 'static/recordings/01-pid-1.cast'), path.join(root, 'static/recordings/01-old.cast'));
    expect(format(await staleRecordings(root))).toBe(
      'sessions/recordings/01-new.ts:1: it has not been recorded; run npm run record -- 01-new\n' +
        'static/recordings/01-old.cast:1: there is no sessions/recordings/01-old.ts that it was made from; remove it',
    );
  });

  it('are not looked for where the script itself is wrong', async () => {
    change('cols:', 'colz:');
    expect(format(await staleRecordings(root))).toMatch(/^sessions\/recordings\/01-pid-1\.ts:1: cols: /);
  });
});
