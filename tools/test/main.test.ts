import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {compareVersions} from './programs.ts';
import {readOptions} from './main.ts';
import {describeFailure, describeSkip, Reporter} from './report.ts';
import {closingLine, join, nothing} from './stage.ts';
import {warnings} from './stages/build.ts';
import {readGoTest} from './stages/go.ts';
import {contentKey, unlessUnchanged} from './unchanged.ts';
import {readVitestReport} from './vitest.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'test-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

describe('options', () => {
  it('takes stages in their own order, however they are named', () => {
    expect(readOptions(['--only', 'unit,types', '--only', 'lint']).stages.map(({name}) => name)).toEqual(['types', 'lint', 'unit']);
    expect(readOptions([]).stages.length).toBeGreaterThan(4);
  });

  it('refuses a stage and an option that there are not', () => {
    expect(() => readOptions(['--only', 'nits'])).toThrow(/--only nits: no such stage; there are types, lint/);
    expect(() => readOptions(['--quick'])).toThrow(/--quick/);
  });
});

describe('closing line', () => {
  it('counts checks, not stages', () => {
    const total = join([
      {...nothing(), passed: 3},
      {passed: 1, failures: [{name: 'a', output: ''}], skips: [{count: 4, what: 'b', why: 'c'}], notes: []},
    ]);
    expect(closingLine(total)).toBe('4 passed, 1 failed, 4 skipped');
  });
});

describe('vitest reports', () => {
  it('counts tests, files that do not load, and skips with their reason', () => {
    const outcome = readVitestReport(
      '/root',
      {
        testResults: [
          {
            name: '/root/a.test.ts',
            status: 'failed',
            assertionResults: [
              {fullName: 'one', status: 'passed'},
              {fullName: 'two', status: 'failed', failureMessages: ['expected 1']},
              {fullName: 'three', status: 'skipped'},
              {fullName: 'four', status: 'todo'},
            ],
          },
          {name: '/root/b.test.ts', status: 'failed', message: 'no module', assertionResults: []},
        ],
      },
      {why: 'no browser'},
    );
    expect(outcome).toEqual({
      passed: 1,
      failures: [
        {name: 'a.test.ts > two', output: 'expected 1'},
        {name: 'b.test.ts', output: 'no module'},
      ],
      skips: [{count: 2, what: 'tests', why: 'no browser'}],
      notes: [],
    });
  });
});

describe('go test reports', () => {
  const lines = (...events: object[]): string => events.map((event) => JSON.stringify(event)).join('\n');

  it('counts tests, with the output of those that fail and the reason of those that skip', () => {
    const outcome = readGoTest(
      lines(
        {Action: 'pass', Package: 'p', Test: 'TestA'},
        {Action: 'output', Package: 'p', Test: 'TestB', Output: '    b_test.go:3: 1 != 2\n'},
        {Action: 'fail', Package: 'p', Test: 'TestB'},
        {Action: 'output', Package: 'p', Test: 'TestC', Output: '    c_test.go:9: needs root\n'},
        {Action: 'skip', Package: 'p', Test: 'TestC'},
        {Action: 'fail', Package: 'p'},
        {Action: 'skip', Package: 'no-tests'},
      ),
    );
    expect(outcome.passed).toBe(1);
    expect(outcome.failures).toEqual([{name: 'p TestB', output: '    b_test.go:3: 1 != 2\n'}]);
    expect(outcome.skips).toEqual([{count: 1, what: 'Go tests', why: 'needs root'}]);
  });

  it('counts a package that does not build, or dies outside a test, as one failure', () => {
    const outcome = readGoTest(
      lines(
        {ImportPath: 'q', Action: 'build-output', Output: 'x.go:1: undefined: y\n'},
        {ImportPath: 'q', Action: 'build-fail'},
        {Action: 'fail', Package: 'q', FailedBuild: 'q'},
        {Action: 'output', Package: 'r', Output: 'panic: no\n'},
        {Action: 'fail', Package: 'r'},
      ),
    );
    expect(outcome.failures).toEqual([
      {name: 'q', output: 'x.go:1: undefined: y\n'},
      {name: 'r', output: 'panic: no\n'},
    ]);
  });
});

describe('build warnings', () => {
  it('sees those of Docusaurus, Rspack and Node, and nothing else', () => {
    expect(warnings('[INFO] ok\n[WARNING] a\n ⚠ b\n(node:1) DeprecationWarning: c\n[SUCCESS] no warnings')).toHaveLength(3);
  });
});

describe('versions', () => {
  it('compares number by number', () => {
    expect(compareVersions('go1.26.8', '1.26')).toBeGreaterThan(0);
    expect(compareVersions('1.9', '1.26')).toBeLessThan(0);
    expect(compareVersions('go1.26', '1.26')).toBe(0);
  });
});

describe('checks of what has not changed', () => {
  const files = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.txt'));

  it('are made once, and again when a file changes, when asked for, and after a failure', async () => {
    let made = 0;
    let passes = false;
    const check = async (fresh = false): Promise<number> => {
      const key = await contentKey(folder, files(), 'check');
      const outcome = await unlessUnchanged(
        key,
        fresh,
        () => Promise.resolve((made++, passes ? {...nothing(), passed: 2} : {...nothing(), failures: [{name: 'x', output: ''}]})),
        path.join(folder, 'cache'),
      );
      return outcome.passed;
    };
    writeFileSync(path.join(folder, 'a.txt'), '1');
    expect([await check(), await check(), made]).toEqual([0, 0, 2]);
    passes = true;
    expect([await check(), await check(), made]).toEqual([2, 2, 3]);
    expect([await check(true), made]).toEqual([2, 4]);
    writeFileSync(path.join(folder, 'a.txt'), '2');
    expect([await check(), made]).toEqual([2, 5]);
  });

  it('are made when the cache cannot be written', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const outcome = await unlessUnchanged('key', false, () => Promise.resolve({...nothing(), passed: 1}), path.join(folder, 'file'));
    expect(outcome.passed).toBe(1);
  });
});

describe('report', () => {
  it('says of a skip how many, what, why and what to do', () => {
    expect(describeSkip({count: 3, what: 'tests', why: 'no Go', remedy: 'install Go'})).toBe('skipped 3 (tests): no Go; install Go');
  });

  it('shows a failure with its output', () => {
    expect(describeFailure({name: 'eslint', output: 'a\nb\n'})).toBe('✗ eslint\n    a\n    b');
  });

  it('writes plain lines where there is no terminal', () => {
    let text = '';
    const reporter = new Reporter({write: (more) => (text += more)}, () => 0);
    reporter.start('lint')({...nothing(), passed: 2});
    expect(text).toBe('lint …\n✓ lint      0.0 s  2 passed, 0 failed, 0 skipped\n');
  });
});
