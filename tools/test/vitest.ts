import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {stripVTControlCharacters} from 'node:util';
import {runPackage} from '../../host/run.ts';
import {nothing, type Duration, type Outcome} from './stage.ts';

/** The part of vitest's JSON report (Jest's format) that is read here. */
export type VitestReport = {
  testResults: {
    /** Absolute path of the test file. */
    name: string;
    status: 'passed' | 'failed' | 'skipped';
    /** Why the file could not be run, when it could not. */
    message?: string;
    assertionResults: {
      fullName: string;
      status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled';
      failureMessages?: string[] | null;
      /** Milliseconds. */
      duration?: number | null;
    }[];
  }[];
};

/** Makes a test of a file once more, by itself; without a name, all tests of the file. */
export type MakeTest = (file: string, fullName?: string) => Promise<Outcome>;

/**
 * Counts a report test by test.
 *
 * @param makeAgain makes a test once more; without it, failures are final
 */
export function readVitestReport(
  root: string,
  report: VitestReport,
  skipped: {why: string; remedy?: string},
  makeAgain?: MakeTest,
): Outcome {
  const outcome = nothing();
  const durations: Duration[] = [];
  let skips = 0;
  for (const {name, status, message, assertionResults} of report.testResults) {
    const file = path.relative(root, name).replaceAll('\\', '/');
    let skipsHere = 0;
    for (const test of assertionResults) {
      if (test.status === 'passed') outcome.passed++;
      else if (test.status === 'failed')
        outcome.failures.push({
          name: `${file} > ${test.fullName}`,
          output: (test.failureMessages ?? []).join('\n'),
          ...(makeAgain ? {again: () => makeAgain(file, test.fullName)} : {}),
        });
      else skipsHere++;
      if (test.duration) durations.push({name: `${file} > ${test.fullName}`, seconds: test.duration / 1000});
    }
    // A file that fails without a failing test could not be loaded, or failed in a hook: then its tests were not skipped.
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed'))
      outcome.failures.push({name: file, output: message ?? '', ...(makeAgain ? {again: () => makeAgain(file)} : {})});
    else skips += skipsHere;
  }
  if (skips > 0) outcome.skips.push({count: skips, what: 'tests', ...skipped});
  return {...outcome, durations};
}

/** What vitest's default reporter says of the tests that failed, without colours; empty when none did. */
export function failuresShown(output: string): string {
  const plain = stripVTControlCharacters(output);
  const start = plain.search(/^.*Failed (Tests|Suites) \d+/m);
  return start === -1 ? '' : plain.slice(start).trimEnd();
}

/** What to run with vitest. */
export type VitestRun = {
  /** One of vitest.config.mts. */
  project: string;
  /** Files of tests; absent, all of the project's. */
  files?: readonly string[];
  /** Full name of the one test to be made, with those of its groups. */
  test?: string;
};

/** A pattern for vitest's `-t` that fits a test's full name, and no other. */
export const onlyTest = (fullName: string): string => `^${fullName.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;

/**
 * Runs vitest and counts each test.
 *
 * @param skipped what to say of tests that skipped themselves
 */
export async function runVitest(
  root: string,
  {project, files = [], test}: VitestRun,
  skipped: {why: string; remedy?: string},
  progress: (text: string) => void,
): Promise<Outcome> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'vitest-report-'));
  const file = path.join(folder, 'report.json');
  try {
    const {status, output} = await runPackage(
      'vitest',
      [
        ...['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, '--project', project],
        ...(test === undefined ? [] : ['-t', onlyTest(test)]),
        ...files,
      ],
      {
        cwd: root,
        onLine: (line) => {
          const done = /[✓❯×]\s+(?:\S+\s+)?(\S+\.test\.tsx?)/.exec(line)?.[1];
          if (done) progress(done);
        },
      },
    );
    let report: VitestReport;
    try {
      report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
    } catch {
      return {...nothing(), failures: [{name: 'vitest', output}]};
    }
    const makeAgain: MakeTest = (name, fullName) => runVitest(root, {project, files: [name], test: fullName}, skipped, progress);
    const outcome = readVitestReport(root, report, skipped, makeAgain);
    // The report has no differences between what was expected and what came; what vitest shows at its end has them.
    const shown = failuresShown(output);
    if (shown !== '' && outcome.failures.length > 0) outcome.notes.push(shown);
    // Such as an error outside any test.
    if (status !== 0 && outcome.failures.length === 0) outcome.failures.push({name: `vitest ended with status ${status}`, output});
    if (outcome.passed + outcome.failures.length + outcome.skips.length === 0)
      outcome.failures.push({name: 'vitest found no test', output});
    return outcome;
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
