import {mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {inputKey} from './inputs.ts';
import {compareVersions} from './programs.ts';
import {readOptions} from './main.ts';
import {describeFailure, describeSkip, describeTimes, Reporter, timeWarnings} from './report.ts';
import {closingLine, join, nothing, type Outcome} from './stage.ts';
import {warnings} from './stages/build.ts';
import {packagesByProcessor, readGoTest} from './stages/go.ts';
import {forgetOld, unlessUnchanged} from './unchanged.ts';
import {failuresShown, readVitestReport} from './vitest.ts';

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

  it('makes second attempts unless told not to', () => {
    expect([readOptions([]).once, readOptions(['--once']).once]).toEqual([false, true]);
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
              {fullName: 'one', status: 'passed', duration: 1500},
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
      durations: [{name: 'a.test.ts > one', seconds: 1.5}],
    });
  });
});

describe('go test reports', () => {
  const lines = (...events: object[]): string => events.map((event) => JSON.stringify(event)).join('\n');

  it('counts tests, with the output of those that fail and the reason of those that skip', () => {
    const outcome = readGoTest(
      lines(
        {Action: 'pass', Package: 'x/code/p', Test: 'TestA/sub', Elapsed: 1},
        {Action: 'pass', Package: 'x/code/p', Test: 'TestA', Elapsed: 2},
        {Action: 'output', Package: 'p', Test: 'TestB', Output: '    b_test.go:3: 1 != 2\n'},
        {Action: 'fail', Package: 'p', Test: 'TestB'},
        {Action: 'output', Package: 'p', Test: 'TestC', Output: '    c_test.go:9: needs root\n'},
        {Action: 'skip', Package: 'p', Test: 'TestC'},
        {Action: 'fail', Package: 'p'},
        {Action: 'skip', Package: 'no-tests'},
      ),
    );
    expect(outcome.passed).toBe(2);
    expect(outcome.durations).toEqual([{name: 'code/p TestA', seconds: 2}]);
    expect(outcome.failures).toEqual([{name: 'p TestB', output: '    b_test.go:3: 1 != 2\n'}]);
    expect(outcome.skips).toEqual([{count: 1, what: 'Go tests', why: 'needs root'}]);
  });

  it('counts the tests of packages that Go knows to pass', () => {
    const outcome = readGoTest(
      lines(
        {Action: 'pass', Package: 'p', Test: 'TestA'},
        {Action: 'pass', Package: 'q', Test: 'TestB'},
        {Action: 'output', Package: 'p', Output: 'ok  \tp\t(cached)\n'},
        {Action: 'output', Package: 'q', Output: 'ok  \tq\t0.1s\n'},
      ),
    );
    expect([outcome.passed, outcome.remembered]).toEqual([2, 1]);
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

describe('packages that depend on the processor', () => {
  it('are those with unsafe memory, system calls by number, or an architecture by name', () => {
    const files = {
      'code/plain/a.go': 'package plain\n\nimport "syscall"\n\nvar e = syscall.EPERM\n',
      'code/raw/a.go': 'package raw\n\nvar _, _, e = syscall.RawSyscall(39, 0, 0, 0)\n',
      'code/number/a_test.go': 'package number\n\nvar n = unix.SYS_CLONE3\n',
      'code/memory/a.go': 'package memory\n\nimport "unsafe"\n',
      'code/named/a_amd64.go': 'package named\n',
      'code/tagged/a.go': '//go:build linux && arm64\n\npackage tagged\n',
      'tools/a.ts': '"unsafe"',
    };
    expect(packagesByProcessor(Object.keys(files), (file) => files[file as keyof typeof files])).toEqual([
      './memory',
      './named',
      './number',
      './raw',
      './tagged',
    ]);
  });
});

describe('checks of what has not changed', () => {
  const key = (): Promise<string> => inputKey(folder, {name: 'check', code: [], data: ['a.txt']});

  it('are made once, and again when a file changes, when asked for, and after a failure', async () => {
    let made = 0;
    let passes = false;
    const check = async (fresh = false): Promise<number> => {
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

  it('say what they skipped, and that they were not made', async () => {
    const outcome = {...nothing(), passed: 3, skips: [{count: 1, what: 'tests', why: 'no KVM'}]};
    const check = (): Promise<Outcome> => unlessUnchanged(key, false, () => Promise.resolve(outcome), path.join(folder, 'cache'));
    expect(await check()).toEqual(outcome);
    expect(await check()).toEqual({...outcome, remembered: 3});
  });

  it('are made again when a file has changed in the middle', async () => {
    let made = 0;
    const check = (): Promise<Outcome> =>
      unlessUnchanged(
        key,
        false,
        () => {
          writeFileSync(path.join(folder, 'a.txt'), made++ === 0 ? 'new' : 'old');
          return Promise.resolve({...nothing(), passed: 1});
        },
        path.join(folder, 'cache'),
      );
    writeFileSync(path.join(folder, 'a.txt'), 'old');
    await check();
    writeFileSync(path.join(folder, 'a.txt'), 'old');
    expect([(await check()).remembered, made]).toEqual([undefined, 2]);
  });

  it('are made when the cache cannot be written', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const outcome = await unlessUnchanged(key, false, () => Promise.resolve({...nothing(), passed: 1}), path.join(folder, 'file'));
    expect(outcome.passed).toBe(1);
  });

  it('are forgotten after a month without use', () => {
    for (const name of ['old', 'new']) writeFileSync(path.join(folder, name), '');
    const days = (count: number): number => Date.now() / 1000 - count * 24 * 60 * 60;
    utimesSync(path.join(folder, 'old'), days(31), days(31));
    utimesSync(path.join(folder, 'new'), days(29), days(29));
    forgetOld(folder);
    expect(readdirSync(folder)).toEqual(['new']);
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

  it('keeps the output of stages that run beside each other apart', () => {
    let text = '';
    const reporter = new Reporter({write: (more) => (text += more)}, () => 0);
    const unit = reporter.start('unit');
    const go = reporter.start('go');
    go({...nothing(), failures: [{name: 'p TestA', output: 'one\ntwo'}], notes: ['a note']});
    unit({...nothing(), passed: 1});
    expect(text).toBe(
      'unit …\ngo …\n✗ go        0.0 s  0 passed, 1 failed, 0 skipped\n  a note\n✗ p TestA\n    one\n    two\n✓ unit      0.0 s  1 passed, 0 failed, 0 skipped\n',
    );
  });

  it('sets the seconds of stages beside their minutes, and lists the slowest tests', () => {
    const durations = Array.from({length: 30}, (_, index) => ({name: `test ${index}`, seconds: index}));
    const timed = [
      {stage: 'lint', seconds: 50, outcome: {...nothing(), passed: 9, remembered: 8}},
      {stage: 'go', seconds: 130, outcome: {...nothing(), durations}},
    ];
    const lines = describeTimes(timed, {lint: 1, go: 2}, 130);
    expect(lines).toHaveLength(1 + 2 + 1 + 1 + 20);
    expect(lines.slice(1, 4)).toEqual([
      '  lint        50.0 s   1 min  8 of 9 unchanged since they passed',
      '  go         130.0 s   2 min  longer than budgets.ts allows',
      '  all        130.0 s',
    ]);
    expect(lines[5]).toBe('    29.0 s  test 29');
    expect(lines.at(-1)).toBe('    10.0 s  test 10');
    expect(timeWarnings(timed, {lint: 1, go: 2})).toEqual(['::warning title=npm test::go took 130 s; budgets.ts allows 2 min']);
  });
});

describe('failuresShown', () => {
  it('is what vitest says of failed tests, with their differences and without colours', () => {
    const output = '✓ a.test.ts\n\u001B[31m⎯⎯ Failed Tests 1 ⎯⎯\u001B[39m\n FAIL  b.test.ts > adds\n- 1\n+ 2\n';
    expect(failuresShown(output)).toBe('⎯⎯ Failed Tests 1 ⎯⎯\n FAIL  b.test.ts > adds\n- 1\n+ 2');
  });

  it('is empty when none failed', () => {
    expect(failuresShown(' Test Files  1 passed (1)\n')).toBe('');
  });
});
