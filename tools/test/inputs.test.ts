import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {commands, spelling} from './checks/commands.ts';
import {content} from './checks/content.ts';
import {drawings} from './checks/diagrams.ts';
import {goChecks} from './checks/go.ts';
import {importClosure, inputKey} from './inputs.ts';

const repository = path.resolve(import.meta.dirname, '../..');

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'inputs-'));
  write(
    'check/main.ts',
    "import {a} from './a.ts';\nimport fs from 'node:fs';\nimport 'some-package';\nexport const run = () => [a, fs];\n",
  );
  write('check/a.ts', "export * from '../shared/b.ts';\nexport const a = () => import('./late.ts');\n");
  write('check/late.ts', "import data from './data.json';\nexport default data;\n");
  write('check/data.json', '{}');
  write('shared/b.ts', "import '@site/shared/effect.ts';\nexport const b = 1;\n");
  write('shared/effect.ts', 'globalThis.name = "x";\n');
  write('shared/unrelated.ts', 'export {};\n');
  write('docs/page.mdx', 'text');
  write('package-lock.json', '{}');
});
afterEach(() => rmSync(root, {recursive: true}));

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), {recursive: true});
  writeFileSync(path.join(root, file), text);
}

/** The key as a new run of `npm test` would take it: what files import is read once in a run. */
async function key(facts: string[] = []): Promise<string> {
  const code = [path.join(root, 'check/main.ts')];
  // Another order of names is another entry of the run's own cache.
  return inputKey(root, {
    name: 'check',
    code: Array.from({length: ++runs}, () => code[0] ?? ''),
    data: ['docs/page.mdx', 'docs/absent.mdx'],
    facts,
  });
}
let runs = 0;

describe('the closure of a file', () => {
  it('has all that it imports, at once or late, by path or alias, for use or effect', async () => {
    expect(await importClosure(root, ['check/main.ts'])).toEqual([
      'check/a.ts',
      'check/data.json',
      'check/late.ts',
      'check/main.ts',
      'shared/b.ts',
      'shared/effect.ts',
    ]);
  });

  it('of an import that leads nowhere is an error', async () => {
    write('check/lost.ts', "import './nowhere.ts';\n");
    await expect(importClosure(root, ['check/lost.ts'])).rejects.toThrow(/nowhere\.ts/);
  });
});

describe('the key of a check', () => {
  it.each(['check/main.ts', 'check/a.ts', 'check/late.ts', 'check/data.json', 'shared/b.ts', 'shared/effect.ts', 'docs/page.mdx'])(
    'changes with %s',
    async (file) => {
      const before = await key();
      write(file, `${file.endsWith('.json') ? '[]' : file.endsWith('.mdx') ? 'other' : 'export const a = 2;'}\n`);
      expect(await key()).not.toBe(before);
    },
  );

  it.each(['package-lock.json', 'docs/absent.mdx', 'tsconfig.json', 'node_modules/.package-lock.json'])('changes with %s', async (file) => {
    const before = await key();
    write(file, '{"other": 1}');
    expect(await key()).not.toBe(before);
  });

  it('changes with a version', async () => {
    expect(await key(['go1.26.8'])).not.toBe(await key(['go1.26.9']));
  });

  it('does not change with a file that the check has nothing to do with', async () => {
    const before = await key();
    write('shared/unrelated.ts', 'export const other = 1;\n');
    write('docs/new.mdx', 'text');
    expect(await key()).toBe(before);
  });
});

describe('the checks of the project', () => {
  it('count the code that they run: their own, and what they import of other folders', async () => {
    const closure = async (code: readonly string[]): Promise<string[]> => importClosure(repository, code);
    expect(await closure(drawings.code)).toEqual(expect.arrayContaining(['tools/diagrams/diagrams.ts', 'plugins/markdown/documents.ts']));
    expect(await closure(content.code)).toContain('tools/lint/content.ts');
    for (const {code} of [...commands, spelling, ...goChecks]) expect(await closure(code)).toContain('host/run.ts');
  });

  it('count the code of the recorder and of the cache for the tests of the virtual machine', async () => {
    const closure = await importClosure(repository, ['tools/record/tests/vm.test.ts']);
    expect(closure).toEqual(expect.arrayContaining(['tools/record/vm.ts', 'host/cache.ts', 'vm/cpio.ts']));
  });
});
