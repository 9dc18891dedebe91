import {runGoTests} from '../../../vm/go-tests.ts';
import type {Prepared} from '../../../vm/start.ts';
import {inputKey} from '../inputs.ts';
import {nothing, type Context, type Outcome} from '../stage.ts';
import {readGoTest} from '../stages/go.ts';
import {VmPasses} from '../vm-passes.ts';

/** The Go module's tests, all in one boot; packages that passed are not run again until something they depend on changes. */
export async function testGo({root, go, fresh, progress}: Context, _: Prepared, machine: readonly string[]): Promise<Outcome> {
  if (go.program === null) return nothing();
  const passes = new VmPasses(root, await inputKey(root, {name: 'go tests', code: [import.meta.filename], data: [], facts: machine}));
  let report = '';
  let remembered = '';
  const passed = await runGoTests({
    go: go.program,
    env: go.env,
    json: true,
    // It only ends what hangs: other stages run beside the machine.
    timeout: 1800,
    say: progress,
    write: (text) => (report += text),
    known: (tests) => {
      const known = fresh ? undefined : passes.known(tests);
      remembered += known ?? '';
      return known;
    },
    passed: (...pass) => passes.passed(...pass),
  });
  const outcome = readGoTest(report);
  if (!passed && outcome.failures.length === 0) outcome.failures.push({name: 'go test in the machine', output: report});
  return {
    ...outcome,
    remembered: readGoTest(remembered).passed,
    failures: outcome.failures.map(({name, output}) => ({name: `in the machine: ${name}`, output})),
    durations: outcome.durations?.map(({name, seconds}) => ({name: `in the machine: ${name}`, seconds})),
  };
}
