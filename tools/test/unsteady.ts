import {nothing, type Failure, type Outcome} from './stage.ts';

/** As many tests of a run are made a second time. When more fail, something is broken, and not the tests. */
export const mostSecondAttempts = 5;

/** What came of the second attempts. */
export type SecondAttempts = {
  /** Those attempts: what passed, and what failed again. */
  outcome: Outcome;
  /** The whole run, where a test that passed the second time counts as passed. */
  total: Outcome;
  /** The first failures of tests that passed the second time. */
  unsteady: Failure[];
};

/** Failures by the test that they are of: those that name the same way to make it once more. */
function byTest(failures: readonly Failure[]): Map<() => Promise<Outcome>, Failure[]> {
  const tests = new Map<() => Promise<Outcome>, Failure[]>();
  for (const failure of failures) {
    if (failure.again) tests.set(failure.again, [...(tests.get(failure.again) ?? []), failure]);
  }
  return tests;
}

/** How many tests and checks have failed: the failures of a test's subtests are the test's. */
const countFailed = (failures: readonly Failure[]): number =>
  byTest(failures).size + failures.filter(({again}) => again === undefined).length;

/** Reports whether a run gets second attempts: something failed that can have one, and not too much. */
export const deservesSecondAttempts = ({failures}: Outcome): boolean =>
  failures.some(({again}) => again) && countFailed(failures) <= mostSecondAttempts;

/**
 * Makes each test that failed once more, one after the other. Nothing else may run meanwhile: what fails beside other
 * stages and passes alone depends on how busy the machine is. A test that makes nothing the second time, since it skips
 * itself or is not found, has not passed.
 *
 * @param first the whole run
 * @param progress told of each
 */
export async function makeSecondAttempts(first: Outcome, progress: (text: string) => void): Promise<SecondAttempts> {
  const outcome = nothing();
  const unsteady: Failure[] = [];
  for (const [again, failures] of byTest(first.failures)) {
    const name = failures.at(-1)?.name ?? ''; // The test itself comes after its subtests.
    progress(name);
    const second = await again().catch((error: unknown): Outcome => {
      const output = String(error instanceof Error ? error.stack : error);
      return {...nothing(), failures: [{name, output}]};
    });
    outcome.notes.push(...second.notes);
    if (second.failures.length === 0 && second.passed > 0) {
      outcome.passed += failures.length;
      unsteady.push(...failures);
    } else {
      const output = second.failures.map((failure) => failure.output).join('\n') || 'the second time it was not made';
      outcome.failures.push({name: `${name}, once more`, output});
    }
  }
  return {
    outcome,
    total: {
      ...first,
      passed: first.passed + outcome.passed,
      failures: first.failures.filter((failure) => !unsteady.includes(failure)),
    },
    unsteady,
  };
}
