import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, it} from 'vitest';
import type {Prepared} from '../../../vm/start.ts';
import type {Context} from '../stage.ts';
import {runExercises, type Prover} from './exercises.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const context: Context = {root, chromium: null, go: {program: 'go', version: 'go1.26', env: {}}, fresh: false, progress: () => {}};
// Nothing is started: the tests' own prover looks at no machine.
const prepared: Prepared = {qemu: '', arch: 'amd64', accelerator: 'tcg', image: {key: '', kernel: '', initrd: '', release: ''}};

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'exercises-'))));
afterEach(() => rmSync(folder, {recursive: true}));

/** A prover of two exercises that finds the given problems, and what it was asked for. */
function proverOf(problems: Record<string, string[]>, hashes: Record<string, string> = {}): {prover: Prover; proved: string[]} {
  const proved: string[] = [];
  const make = (name: string) =>
    Promise.resolve({
      hash: hashes[name] ?? 'as it was',
      prove: () => {
        proved.push(name);
        return Promise.resolve(problems[name] ?? []);
      },
    });
  return {proved, prover: {names: ['01-1-look', '01-2-leak'], make, folder}};
}

it('proves each exercise once, and again when what it builds or its machine is another', async () => {
  const hashes: Record<string, string> = {};
  const {prover, proved} = proverOf({}, hashes);
  expect(await runExercises(context, prepared, ['machine'], prover)).toMatchObject({passed: 2, failures: []});
  expect(proved.splice(0)).toEqual(['01-1-look', '01-2-leak']);
  expect(await runExercises(context, prepared, ['machine'], prover)).toMatchObject({passed: 2, remembered: 2});
  expect(proved.splice(0)).toEqual([]);
  hashes['01-2-leak'] = 'built from other code';
  expect(await runExercises(context, prepared, ['machine'], prover)).toMatchObject({passed: 2, remembered: 1});
  expect(proved.splice(0)).toEqual(['01-2-leak']);
  await runExercises(context, prepared, ['another machine'], prover);
  expect(proved.splice(0)).toEqual(['01-1-look', '01-2-leak']);
});

it('has one that failed proved once more, and does not remember that it passed then', async () => {
  const problems: Record<string, string[]> = {'01-1-look': ['no machine']};
  const {prover, proved} = proverOf(problems);
  const {failures} = await runExercises(context, prepared, [], prover);
  delete problems['01-1-look'];
  proved.splice(0);
  expect(await failures[0]?.again?.()).toMatchObject({passed: 1, failures: []});
  expect(proved.splice(0)).toEqual(['01-1-look']);
  await runExercises(context, prepared, [], prover);
  expect(proved).toEqual(['01-1-look']);
});

it('reports all that is wrong with an exercise, and goes on with the next', async () => {
  const {prover, proved} = proverOf({'01-1-look': ['solution: the check says that it is not done', 'attempts.0: it has an error']});
  const outcome = await runExercises(context, prepared, [], prover);
  expect(outcome).toMatchObject({
    passed: 1,
    failures: [{name: 'exercise 01-1-look', output: 'solution: the check says that it is not done\nattempts.0: it has an error'}],
  });
  expect(proved).toEqual(['01-1-look', '01-2-leak']);
});

it('skips all where there is no Go to build their programs', async () => {
  const go = {program: null, why: 'there is no Go on this machine', remedy: 'install Go'} as const;
  expect((await runExercises({...context, go}, prepared, [], proverOf({}).prover)).skips).toEqual([
    {count: 2, what: 'exercises, to be proved both ways', why: go.why, remedy: go.remedy},
  ]);
});
