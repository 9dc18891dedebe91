import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {loadExercise} from '../../record/scripts.ts';
import {takesProgram} from '../../exercise/names.ts';
import {importClosure} from '../inputs.ts';
import {projectFiles} from '../unchanged.ts';
import {suiteFiles, suites} from './machine-tool.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const files = projectFiles(root);

/** The files that decide the results of a file of tests. */
async function decideOn(test: string): Promise<string[]> {
  const suite = suites.find(({tests}) => tests.includes(test));
  if (!suite) throw new Error(`${test} belongs to no suite`);
  const {code, data} = suiteFiles(suite, files);
  return [...new Set([...(await importClosure(root, code)), ...data])];
}

it('every file of tests that start machines belongs to one suite', () => {
  const tests = files.filter((file) => /^(vm|tools\/(record|exercise))\/tests\/.*\.test\.ts$/.test(file));
  expect(suites.flatMap((suite) => suite.tests).sort()).toEqual(tests);
});

describe('the tests of the machine are made again', () => {
  it.each(suites.flatMap(({tests}) => tests))('%s, when the machine itself has changed', async (test) => {
    expect(await decideOn(test)).toEqual(
      expect.arrayContaining(['vm/machine.ts', 'vm/qemu.ts', 'vm/guest/agent', 'vm/image/manifest.ts', 'vm/cpio.ts', test]),
    );
  });

  it('those of the set-up, when its page or a program of it has', async () => {
    const found = await decideOn('vm/tests/setup.test.ts');
    expect(found).toEqual(
      expect.arrayContaining([
        'docs/setup.mdx',
        'code/steps/01-namespaces/main.go',
        'code/cmd/sheep/main.go',
        'code/nat/nat.go',
        'code/go.mod',
      ]),
    );
    expect(found.filter((file) => /_test\.go$|^code\/steps\/(?!01-namespaces\/main\.go$)/.test(file))).toEqual([]);
  });

  it('those of exercises, when one of the two that they start has, and not for others', async () => {
    const found = await decideOn('tools/exercise/tests/vm.test.ts');
    const exercise = await loadExercise(root, '01-3-rootless');
    const {begin, solution} = takesProgram(exercise) ? exercise : {begin: '', solution: ''};
    const built = [begin, solution].map((folder) => `${path.posix.join('code', folder)}/main.go`);
    expect(found).toEqual(expect.arrayContaining(['tools/exercise/main.ts', ...built]));
    expect(found.filter((file) => file.startsWith('sessions/exercises/'))).toEqual([
      'sessions/exercises/01-1-look.ts',
      'sessions/exercises/01-3-rootless.ts',
    ]);
  });
});
