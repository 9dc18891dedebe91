import {architectures, findQemu} from '../../../vm/qemu.ts';
import type {Prepared} from '../../../vm/start.ts';
import {inputKey} from '../inputs.ts';
import {programFacts} from '../programs.ts';
import {join, type Context, type Outcome} from '../stage.ts';
import {projectFiles, unlessUnchanged} from '../unchanged.ts';
import {runVitest} from '../vitest.ts';

/** Files of tests that start machines, and what decides their results besides the machine's own files. */
type Suite = {
  tests: readonly string[];
  /** Programs of the project that the tests start: what they import counts too. */
  programs: readonly string[];
  /** Selects what they build, read or load by a name. */
  reads: RegExp;
};

/** Each is remembered by itself. Where tests look at an exercise, a page or a program in Go, they depend on those alone. */
export const suites: readonly Suite[] = [
  {tests: ['vm/tests/kill.test.ts', 'vm/tests/run.test.ts'], programs: ['vm/main.ts', 'vm/tests/as-npm.ts'], reads: /^$/},
  {
    // Types the commands of the page as they stand, with sheep and the first chapter's program.
    tests: ['vm/tests/setup.test.ts'],
    programs: ['vm/main.ts'],
    reads: /^docs\/setup\.mdx$|^code\/(?!steps\/(?!01-namespaces\/main\.go)).*(?<!_test)\.(go|mod|sum)$/,
  },
  {tests: ['tools/record/tests/vm.test.ts'], programs: [], reads: /^$/},
  {
    tests: ['tools/exercise/tests/vm.test.ts'],
    programs: ['tools/exercise/main.ts'],
    reads:
      /^sessions\/exercises\/01-[13]-[^/]*\.ts$|^code\/go\.(mod|sum)$|^code\/steps\/01-namespaces\/(solutions\/3-rootless\/)?[^/]*(?<!_test)\.go$/,
  },
];

/** What no module imports: the files that an image is made of, and what starts a program. */
const everySuite = /^vm\/(guest|image)\/.*(?<!\.test\.ts)$|^host\/.*\.cjs$/;

/** The project's files that decide the results of a suite: where its code begins, and what that reads. */
export function suiteFiles({tests, programs, reads}: Suite, files: readonly string[]): {code: string[]; data: string[]} {
  return {code: [...tests, ...programs], data: files.filter((file) => everySuite.test(file) || reads.test(file))};
}

/** Tests of the virtual machine's own tool and of those that use it, most of them as programs: they start some thirty machines. */
export async function testTool({root, fresh, progress}: Context, _: Prepared, machine: readonly string[]): Promise<Outcome> {
  const files = projectFiles(root);
  const outcomes: Outcome[] = [];
  for (const suite of suites) {
    const {code, data} = suiteFiles(suite, files);
    const inputs = {
      name: 'tests of the machine',
      code: [import.meta.filename, 'vitest.config.mts', ...code],
      data,
      // One test skips itself where there is no QEMU for the other architecture.
      facts: [...machine, ...architectures.map((arch) => programFacts(findQemu(arch) ?? null)), process.env.CI ?? ''],
    };
    const run = (): Promise<Outcome> =>
      runVitest(root, {project: 'vm', files: suite.tests}, {why: 'the tests themselves say what they need'}, progress);
    outcomes.push(await unlessUnchanged(() => inputKey(root, inputs), fresh, run));
  }
  return join(outcomes);
}
