import {cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, expect, it} from 'vitest';
import type {Recording} from '../../sessions/script.ts';
import {homeHash} from './homefolder.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'home-hash-'));
afterAll(() => rmSync(folder, {recursive: true}));

const recording: Recording = {title: 't', cols: 80, rows: 24, files: ['note'], steps: [{caption: 'c', type: 'ls', expect: /note/}]};

it('changes with what the session finds, and with nothing else', () => {
  writeFileSync(path.join(folder, 'note'), 'one');
  const one = homeHash(folder, recording);
  const elsewhere = path.join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  cpSync(path.join(folder, 'note'), path.join(elsewhere, 'note'));
  expect(homeHash(elsewhere, recording)).toBe(one);
  expect(homeHash(folder, {...recording, files: []})).not.toBe(one);
  writeFileSync(path.join(folder, 'note'), 'two');
  expect(homeHash(folder, recording)).not.toBe(one);
});

it('says which program does not build', () => {
  mkdirSync(path.join(folder, 'code'), {recursive: true});
  const none = {program: path.join(folder, 'no-go'), env: {}};
  expect(() => homeHash(folder, {...recording, programs: ['./steps/none']}, none)).toThrow('cannot run go to build ./steps/none');
});
