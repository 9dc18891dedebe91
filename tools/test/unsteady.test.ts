import {describe, expect, it, vi} from 'vitest';
import {Reporter, unsteadyWarnings} from './report.ts';
import {nothing, type Failure, type Outcome} from './stage.ts';
import {readGoTest} from './stages/go.ts';
import {deservesSecondAttempts, makeSecondAttempts, mostSecondAttempts} from './unsteady.ts';
import {onlyTest, readVitestReport, type VitestReport} from './vitest.ts';

const passes = (): Promise<Outcome> => Promise.resolve({...nothing(), passed: 1});
const fails = (): Promise<Outcome> => Promise.resolve({...nothing(), failures: [{name: 'a', output: 'the second output'}]});

/** A failed test that can be made once more. */
const failed = (name: string, again: () => Promise<Outcome>): Failure => ({name, output: `first output of ${name}`, again: () => again()});

/** A run in which nine tests passed, and these failed. */
const run = (...failures: Failure[]): Outcome => ({...nothing(), passed: 9, failures, skips: [{count: 2, what: 'tests', why: 'no KVM'}]});

const silent = (): void => undefined;

describe('second attempts', () => {
  it('are for a few failed tests, and for none when more have failed', () => {
    const some = (count: number): Failure[] => Array.from({length: count}, (_, index) => failed(`${index}`, passes));
    const final = {name: 'eslint', output: ''};
    expect(deservesSecondAttempts(run())).toBe(false);
    expect(deservesSecondAttempts(run(final))).toBe(false);
    expect(deservesSecondAttempts(run(...some(mostSecondAttempts)))).toBe(true);
    expect(deservesSecondAttempts(run(...some(mostSecondAttempts + 1)))).toBe(false);
    expect(deservesSecondAttempts(run(final, ...some(mostSecondAttempts - 1)))).toBe(true);
    expect(deservesSecondAttempts(run(final, ...some(mostSecondAttempts)))).toBe(false);
  });

  it('have a test that passes then count as passed, and name it', async () => {
    const unsteady = failed('a', passes);
    const second = await makeSecondAttempts(run(unsteady), silent);
    expect(second.outcome).toEqual({...nothing(), passed: 1});
    expect(second.total).toEqual({...run(), passed: 10});
    expect(second.unsteady).toEqual([unsteady]);
  });

  it('leave a test that fails again failed, and show what it says then', async () => {
    const broken = failed('a', fails);
    const second = await makeSecondAttempts(run(broken), silent);
    expect(second.outcome).toEqual({...nothing(), failures: [{name: 'a, once more', output: 'the second output'}]});
    expect(second.total).toEqual(run(broken));
    expect(second.unsteady).toEqual([]);
  });

  it('do not take it for a pass that nothing was made, or could be', async () => {
    const skips = (): Promise<Outcome> => Promise.resolve({...nothing(), skips: [{count: 1, what: 'tests', why: 'too busy'}]});
    const breaks = (): Promise<Outcome> => Promise.reject(new Error('no machine'));
    const both = [failed('skipping', skips), failed('breaking', breaks)];
    const second = await makeSecondAttempts(run(...both), silent);
    expect(second.total).toEqual(run(...both));
    const [skipping, breaking] = second.outcome.failures;
    expect(skipping).toEqual({name: 'skipping, once more', output: 'the second time it was not made'});
    expect(breaking?.output).toContain('no machine');
  });

  it('leave what has none as it is', async () => {
    const final = {name: 'eslint', output: ''};
    const second = await makeSecondAttempts(run(final, failed('a', passes)), silent);
    expect(second.total).toEqual({...run(final), passed: 10});
  });

  it('are made one after the other, each once for all failures of a test', async () => {
    let running = 0;
    const makes: string[] = [];
    const again = (name: string) => async (): Promise<Outcome> => {
      makes.push(name);
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return {...nothing(), passed: 3};
    };
    const ofA = again('a');
    const failures = [{name: 'a/sub', output: '', again: ofA}, {name: 'a', output: '', again: ofA}, failed('b', again('b'))];
    const told: string[] = [];
    const second = await makeSecondAttempts(run(...failures), (name) => told.push(name));
    expect([makes, told]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(second.total).toEqual({...run(), passed: 9 + 3});
  });
});

describe('report', () => {
  it('names unsteady tests with their first output, and warns of them', () => {
    let text = '';
    const reporter = new Reporter({write: (more) => (text += more)}, () => 0);
    reporter.summary(run(), [], [{name: 'p TestA', output: '1 != 2\n'}]);
    expect(text).toBe('\nUnsteady: failed, then passed alone\n! p TestA\n    1 != 2\n\n');
    expect(unsteadyWarnings([{name: 'a > 9%\nof it', output: ''}])).toEqual([
      '::warning title=npm test::unsteady: a > 9%25%0Aof it failed, then passed alone',
    ]);
  });
});

describe('tests that failed', () => {
  const report = (where: string, last: string): string =>
    [
      {Action: 'fail', Package: where, Test: 'TestA/sub/deep'},
      {Action: 'fail', Package: where, Test: 'TestA/sub'},
      {Action: 'fail', Package: where, Test: 'TestA'},
      {Action: 'fail', Package: where, Test: 'TestB'},
      {Action: 'output', Package: where, Output: last},
      {Action: 'fail', Package: where},
    ]
      .map((event) => JSON.stringify(event))
      .join('\n');

  it('in Go are made again whole, with their subtests', async () => {
    const make = vi.fn(passes);
    const {failures} = readGoTest(report('x/code/p', 'FAIL\n'), make);
    expect(failures.map(({name}) => name)).toEqual(['x/code/p TestA/sub/deep', 'x/code/p TestA/sub', 'x/code/p TestA', 'x/code/p TestB']);
    await makeSecondAttempts(run(...failures), silent);
    expect(make.mock.calls).toEqual([
      ['x/code/p', 'TestA'],
      ['x/code/p', 'TestB'],
    ]);
  });

  it('in Go have failed for good when they attack, or when tests after them were not made', () => {
    const finals = (where: string, last = 'FAIL\n'): boolean[] =>
      readGoTest(report(where, last), passes).failures.map(({again}) => again === undefined);
    expect(finals('x/code/tests/escape')).toEqual([true, true, true, true]);
    expect(finals('x/code/tests/escape/more')).toEqual([true, true, true, true]);
    expect(finals('x/code/tests/escapes')).toEqual([false, false, false, false]);
    expect(finals('x/code/p', 'panic: no\n')).toEqual([true, true, true, true]);
    expect(readGoTest(report('x/code/p', 'FAIL\n')).failures.some(({again}) => again)).toBe(false);
  });

  const vitest: VitestReport = {
    testResults: [
      {
        name: '/root/a.test.ts',
        status: 'failed',
        assertionResults: [
          {fullName: 'adds 1 + 1', status: 'failed'},
          {fullName: 'subtracts', status: 'passed'},
        ],
      },
      {name: '/root/b.test.ts', status: 'failed', message: 'no hook', assertionResults: [{fullName: 'c', status: 'skipped'}]},
    ],
  };

  it('in TypeScript are made again by file and name, and a file whose hook failed as a whole', async () => {
    const make = vi.fn(passes);
    const outcome = readVitestReport('/root', vitest, {why: ''}, make);
    expect(outcome).toMatchObject({passed: 1, skips: [], failures: [{name: 'a.test.ts > adds 1 + 1'}, {name: 'b.test.ts'}]});
    await makeSecondAttempts(outcome, silent);
    expect(make.mock.calls).toEqual([['a.test.ts', 'adds 1 + 1'], ['b.test.ts']]);
  });

  it('in TypeScript are found by a pattern that fits their name and no other', () => {
    const pattern = new RegExp(onlyTest('adds 1 + 1 (twice)'));
    expect(['adds 1 + 1 (twice)', 'adds 1 + 1 (twice) and more', 'really adds 1 + 1 (twice)'].map((name) => pattern.test(name))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
