import {readFileSync} from 'node:fs';
import path from 'node:path';
import {VmError} from '../../../vm/failure.ts';
import {runGoTests} from '../../../vm/go-tests.ts';
import {architectures, findQemu} from '../../../vm/qemu.ts';
import {prepare} from '../../../vm/start.ts';
import {allScripts, scriptNames} from '../../record/scripts.ts';
import {runExercises} from '../checks/exercises.ts';
import {runScripts} from '../checks/sessions.ts';
import {inputKey} from '../inputs.ts';
import {programFacts} from '../programs.ts';
import {join, nothing, type Context, type Outcome, type Stage} from '../stage.ts';
import {projectFiles, unlessUnchanged} from '../unchanged.ts';
import {VmPasses} from '../vm-passes.ts';
import {runVitest} from '../vitest.ts';
import {readGoTest} from './go.ts';

/**
 * Tests of the virtual machine's own tool. They start some thirty machines, and the tool as a program; each gets a copy
 * of the repository, of which they look at nothing.
 */
async function testTool({root, fresh, progress}: Context, machine: readonly string[]): Promise<Outcome> {
  // An exercise is one of the tests, as it is started by its reader.
  const own =
    /^(vm|tools\/(record|exercise)\/tests|sessions\/exercises)\/|^tools\/exercise\/main\.ts$|^code\/steps\/01-namespaces\/main\.go$/;
  const files = projectFiles(root).filter((file) => own.test(file));
  const inputs = {
    name: 'vm tool',
    code: [import.meta.filename, 'vitest.config.mts', ...files.filter((file) => file.endsWith('.ts'))],
    data: files,
    // One test skips itself where there is no QEMU for the other architecture.
    facts: [...machine, ...architectures.map((arch) => programFacts(findQemu(arch) ?? null)), process.env.CI ?? ''],
  };
  return unlessUnchanged(
    () => inputKey(root, inputs),
    fresh,
    () => runVitest(root, ['--project', 'vm'], {why: 'the tests themselves say what they need'}, progress),
  );
}

/** The Go module's tests, all in one boot; packages that passed are not run again until something they depend on changes. */
async function testGo({root, go, fresh, progress}: Context, machine: readonly string[]): Promise<Outcome> {
  if (go.program === null) return nothing();
  const code = [import.meta.filename, 'vm/go-tests.ts'];
  const passes = new VmPasses(root, await inputKey(root, {name: 'go tests in the machine', code, data: [], facts: machine}));
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

/** How many Go tests there are, by their declarations. */
function countGoTests(root: string): number {
  return projectFiles(root)
    .filter((file) => /^code\/.*_test\.go$/.test(file))
    .reduce((sum, file) => sum + (readFileSync(path.join(root, file), 'utf8').match(/^func Test(?!Main\b)/gm) ?? []).length, 0);
}

/** Tests on a Linux kernel of our own: see vm/README.md. */
export const vm: Stage = {
  name: 'vm',
  summary:
    'on a Linux kernel of our own (QEMU): every recording and experiment again, every exercise, the Go tests; the tool that starts it',
  run: async (context) => {
    try {
      const prepared = await prepare({say: context.progress});
      const {image, qemu, accelerator} = prepared;
      const machine = [image.key, programFacts(qemu), accelerator];
      const notes = [`kernel ${image.release}`];
      const outcome = join([
        await runScripts(context, machine),
        await runExercises(context, prepared, machine),
        await testGo(context, machine),
        await testTool(context, machine),
      ]);
      return {...outcome, notes};
    } catch (error) {
      if (!(error instanceof VmError) || error.kind !== 'missing') throw error;
      const [why = ''] = error.problem.split('\n');
      const remedy = error.mend ?? 'npm run vm -- --doctor';
      return {
        ...nothing(),
        skips: [
          {count: allScripts(context.root).length, what: 'recordings and experiments, to be run again', why, remedy},
          {count: scriptNames(context.root, 'exercises').length, what: 'exercises, to be proved both ways', why, remedy},
          {count: countGoTests(context.root), what: 'Go tests on a kernel of our own', why, remedy},
        ],
      };
    }
  },
};
