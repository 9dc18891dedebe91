import {runGoTests} from '../../../vm/go-tests.ts';
import type {Prepared} from '../../../vm/start.ts';
import {inputKey} from '../inputs.ts';
import {nothing, type Context, type Outcome} from '../stage.ts';
import {onlyTest, readGoTest, type MakeTest} from '../stages/go.ts';
import {VmPasses} from '../vm-passes.ts';

/** A report of the tests as an outcome, which says where they were made. */
function readReport(report: string, passed: boolean, makeAgain: MakeTest): Outcome {
  const outcome = readGoTest(report, makeAgain);
  if (!passed && outcome.failures.length === 0) outcome.failures.push({name: 'go test in the machine', output: report});
  return {
    ...outcome,
    failures: outcome.failures.map((failure) => ({...failure, name: `in the machine: ${failure.name}`})),
    durations: outcome.durations?.map(({name, seconds}) => ({name: `in the machine: ${name}`, seconds})),
  };
}

/** The Go module's tests, all in one boot; packages that passed are not run again until something they depend on changes. */
export async function testGo({root, go, fresh, progress}: Context, _: Prepared, machine: readonly string[]): Promise<Outcome> {
  if (go.program === null) return nothing();
  const how = {go: go.program, env: go.env, json: true, say: progress};
  const makeAgain: MakeTest = async (importPath, test) => {
    let report = '';
    const write = (text: string): void => void (report += text);
    const passed = await runGoTests({...how, packages: [importPath], run: onlyTest(test), write});
    return readReport(report, passed, makeAgain);
  };
  const passes = new VmPasses(root, await inputKey(root, {name: 'go tests', code: [import.meta.filename], data: [], facts: machine}));
  let report = '';
  let remembered = '';
  const passed = await runGoTests({
    ...how,
    // It only ends what hangs: other stages run beside the machine.
    timeout: 1800,
    write: (text) => (report += text),
    known: (tests) => {
      const known = fresh ? undefined : passes.known(tests);
      remembered += known ?? '';
      return known;
    },
    passed: (...pass) => passes.passed(...pass),
  });
  return {...readReport(report, passed, makeAgain), remembered: readGoTest(remembered).passed};
}
