import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFileCheck, type FileCheck} from './file-check.ts';
import type {Context} from './stage.ts';
import {typedClosures} from './typed-closure.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'file-check-'));
  write('package.json', '{}');
  write('tsconfig.json', '{"compilerOptions": {"moduleResolution": "bundler", "module": "esnext", "paths": {"@site/*": ["./*"]}}}');
  write('a.ts', 'export type A = {name: string};\n');
  write('b.ts', "import type {A} from './a.ts';\nexport const b = (a: A): string => a.name;\n");
  write('c.ts', "import {b} from '@site/b.ts';\nexport const c = b;\n");
  write('far.ts', "export const far = (x: import('./named.ts').Named): unknown => x;\n");
  write('named.ts', 'export type Named = 1;\n');
  write('alone.ts', 'export const alone = 1;\n');
});
afterEach(() => rmSync(root, {recursive: true}));

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), {recursive: true});
  writeFileSync(path.join(root, file), text);
}

const sources = ['a.ts', 'alone.ts', 'b.ts', 'c.ts', 'far.ts', 'named.ts'];

describe('what decides the types of a file', () => {
  it('follows imports of values, of types, in types and by alias', () => {
    const closure = typedClosures(root, sources);
    expect([...closure('c.ts')].sort()).toEqual(['a.ts', 'b.ts', 'c.ts']);
    expect([...closure('far.ts')].sort()).toEqual(['far.ts', 'named.ts']);
    expect([...closure('alone.ts')]).toEqual(['alone.ts']);
  });

  it.each([
    ['a declaration for all', 'all.d.ts', 'declare const everywhere: number;'],
    ['a script, which has no imports', 'script.ts', 'const everywhere = 1;'],
    ['an addition to a package', 'more.ts', "import type {A} from './a.ts';\ndeclare module 'mdast' {\n  type More = A;\n}"],
  ])('counts %s', (_, file, text) => {
    write(file, text);
    expect([...typedClosures(root, [...sources, file])('alone.ts')]).toContain(file);
  });

  it('counts what an addition to a package imports', () => {
    write('more.ts', "import type {A} from './a.ts';\ndeclare module 'mdast' {\n  type More = A;\n}");
    expect([...typedClosures(root, [...sources, 'more.ts'])('alone.ts')]).toContain('a.ts');
  });
});

describe('a check of files one by one', () => {
  let looked: (readonly string[] | null)[];
  let failing: Set<string>;
  let names: boolean;
  beforeEach(() => {
    looked = [];
    failing = new Set();
    names = true;
  });
  const check: FileCheck = {
    name: 'made up',
    code: [],
    reads: (file) => file.endsWith('.ts'),
    decides: (file) => file === 'settings.json',
    others: ({root: from}, files) => typedClosures(from, files),
    problems: (_, files) => {
      looked.push(files);
      const bad = (files ?? sources).filter((file) => failing.has(file));
      return Promise.resolve({found: bad.length > 0 ? bad.join() : null, ...(names ? {failed: new Set(bad)} : {})});
    },
  };
  const make = (fresh = false) => {
    const context: Context = {
      root,
      chromium: null,
      go: {program: null, why: '', remedy: ''},
      fresh,
      progress: () => undefined,
    };
    return makeFileCheck(check, context, [...sources, 'settings.json'], path.join(root, 'passes'));
  };

  it('looks at nothing again that has not changed, unless it is told to', async () => {
    expect(await make()).toMatchObject({passed: 1, failures: []});
    expect(await make()).toMatchObject({passed: 1, remembered: 1});
    expect(looked).toEqual([null]);
    await make(true);
    expect(looked).toEqual([null, null]);
  });

  it('looks again at a file whose types another decides, and finds what is wrong there', async () => {
    await make();
    write('a.ts', 'export type A = {name: number};\n');
    failing.add('c.ts');
    const {failures} = await make();
    expect(looked[1]).toEqual(['a.ts', 'b.ts', 'c.ts']);
    expect(failures).toEqual([{name: 'made up', output: 'c.ts'}]);
    await make();
    expect(looked[2]).toEqual(['c.ts']);
  });

  it('remembers no file of a failed run that does not say which files are wrong', async () => {
    await make();
    names = false;
    write('a.ts', 'export type A = {name: number};\n');
    failing.add('c.ts');
    await make();
    await make();
    expect(looked[2]).toEqual(['a.ts', 'b.ts', 'c.ts']);
  });

  it('looks at all when a setting changes', async () => {
    await make();
    write('settings.json', '{}');
    await make();
    expect(looked[1]).toBeNull();
  });
});
