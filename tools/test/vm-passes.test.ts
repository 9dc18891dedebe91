import {mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {lookedFor} from '../../vm/go-tests.ts';
import {VmPasses} from './vm-passes.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'vm-passes-'));
  write('code/p/testdata/a', 'a');
});
afterEach(() => rmSync(root, {recursive: true}));

/** Writes a file, long ago. */
function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), {recursive: true});
  writeFileSync(path.join(root, file), text);
  utimesSync(path.join(root, file), 1, 1);
  for (let folder = path.dirname(file); folder !== '.'; folder = path.dirname(folder)) utimesSync(path.join(root, folder), 1, 1);
}

const passes = (machine = 'kernel'): VmPasses => new VmPasses(root, machine, path.join(root, 'cache'));
const tests = {importPath: 'p', binary: '1'};
const looked = ['code/p/testdata', 'code/p/testdata/a', 'code/p/testdata/absent'];

it('knows tests by their program, by the machine, and by the files and folders that they looked for', () => {
  passes().passed(tests, 'ok', looked);
  expect(passes().known(tests)).toBe('ok');
  expect(passes().known({...tests, binary: '2'})).toBeUndefined();
  expect(passes().known({...tests, importPath: 'q'})).toBeUndefined();
  expect(passes('another').known(tests)).toBeUndefined();
});

it.each([
  ['a file with other content', 'code/p/testdata/a'],
  ['a file that was not there', 'code/p/testdata/absent'],
  ['a new file in a folder', 'code/p/testdata/new'],
])('forgets them for %s', (_, file) => {
  passes().passed(tests, 'ok', looked);
  write(file, 'other');
  expect(passes().known(tests)).toBeUndefined();
});

it('does not remember tests during which a file changed', () => {
  const now = passes();
  writeFileSync(path.join(root, 'code/p/testdata/a'), 'b');
  utimesSync(path.join(root, 'code/p/testdata/a'), new Date(Date.now() + 1000), new Date(Date.now() + 1000));
  now.passed(tests, 'ok', looked);
  expect(passes().known(tests)).toBeUndefined();
});

it('reads the log of what tests looked for', () => {
  const log = '# test log\ngetenv HOME\nopen testdata/a\nstat ../q/x.go\nopen /etc/passwd\nchdir /repo/docs\nopen a b.mdx\n';
  expect(lookedFor(log, '/repo/code/p')).toEqual(['code/p/testdata/a', 'code/q/x.go', 'docs', 'docs/a b.mdx']);
});
