import {readFileSync} from 'node:fs';
import path from 'node:path';
import {run} from '../../../host/run.ts';
import {join, nothing, type Outcome, type Stage} from '../stage.ts';
import {projectFiles} from '../unchanged.ts';

/** A line of `go test -json`; see `go doc test2json`. */
type Event = {Action: string; Package?: string; ImportPath?: string; Test?: string; Output?: string};

/** Counts the output of `go test -json`: each test and subtest, and packages that do not build or crash. */
export function readGoTest(output: string): Outcome {
  const outcome = nothing();
  const texts = new Map<string, string>();
  const failedIn = new Set<string>();
  const skipped = new Map<string, number>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    const event = JSON.parse(line) as Event;
    const where = event.Package ?? event.ImportPath ?? '';
    const name = event.Test ? `${where} ${event.Test}` : where;
    if (event.Output) texts.set(name, (texts.get(name) ?? '') + event.Output);
    if (event.Test) {
      if (event.Action === 'pass') outcome.passed++;
      if (event.Action === 'fail') {
        failedIn.add(where);
        outcome.failures.push({name, output: texts.get(name) ?? ''});
      }
      if (event.Action === 'skip') {
        // The line before "--- SKIP" is the reason: "    file_test.go:12: needs root".
        const why = /^\s+\S+_test\.go:\d+: (.*)$/m.exec(texts.get(name) ?? '')?.[1] ?? 'the test does not say';
        skipped.set(why, (skipped.get(why) ?? 0) + 1);
      }
    } else if (event.Action === 'build-fail' || (event.Action === 'fail' && !failedIn.has(where))) {
      failedIn.add(where);
      outcome.failures.push({name, output: texts.get(name) ?? ''});
    }
  }
  for (const [why, count] of skipped) outcome.skips.push({count, what: 'Go tests', why});
  return outcome;
}

/** How many tests the module has, when nothing can count them as they run. */
const countTests = (root: string): number =>
  projectFiles(root)
    .filter((file) => /^code\/.*_test\.go$/.test(file))
    .reduce((sum, file) => sum + (readFileSync(path.join(root, file), 'utf8').match(/^func Test/gm) ?? []).length, 0);

/** Tests of the Go module, for this machine and for 32 bits: Sheep is to run in an emulated PC, too. */
export const go: Stage = {
  name: 'go',
  summary: 'tests of the Go module in code/, for this machine and for linux/386',
  run: async ({root, go: toolchain, progress}) => {
    if (toolchain.program === null) {
      const count = countTests(root);
      return {...nothing(), skips: count === 0 ? [] : [{count, what: 'Go tests', why: toolchain.why, remedy: toolchain.remedy}]};
    }
    const {program, env} = toolchain;
    const test = async (what: string, args: readonly string[], more: NodeJS.ProcessEnv): Promise<Outcome> => {
      progress(what);
      const {status, stdout, output} = await run(program, ['test', '-json', ...args], {
        cwd: path.join(root, 'code'),
        // Linked statically, as Sheep is: what confines a process has to reach all of its threads.
        env: {...env, CGO_ENABLED: '0', ...more},
      });
      const outcome = readGoTest(stdout);
      if (status !== 0 && outcome.failures.length === 0) outcome.failures.push({name: 'go test', output});
      return outcome;
    };
    // With the tag, tests can have a command killed between any two of its system calls (code/internal/crash).
    const outcomes = [await test('for this machine', ['-tags', 'crashtest', './...'], {})];
    const x86 = {GOARCH: '386'};
    const probe = process.platform === 'linux' && process.arch === 'x64' && (await test('linux/386', ['./internal/nearest'], x86));
    if (probe && probe.failures.length === 0) outcomes.push(await test('for linux/386', ['./...'], x86));
    else {
      const why = 'this machine runs no programs of linux/386';
      outcomes.push({...nothing(), skips: [{count: countTests(root), what: 'Go tests for linux/386', why}]});
    }
    return join(outcomes);
  },
};
