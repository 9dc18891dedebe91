import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {run} from '../../../host/run.ts';
import {machineFacts} from '../programs.ts';
import {join, nothing, type Duration, type Failure, type Outcome, type Stage} from '../stage.ts';
import {projectFiles} from '../unchanged.ts';

/** A line of `go test -json`; see `go doc test2json`. */
type Event = {Action: string; Package?: string; ImportPath?: string; Test?: string; Output?: string; Elapsed?: number};

/** Packages whose tests attack: an attack that succeeds once has succeeded. */
const attacks = /\/code\/tests\/escape(\/|$)/;

/** Makes a test of a package once more, by itself, with its subtests. */
export type MakeTest = (importPath: string, test: string) => Promise<Outcome>;

/** The part of the name of a test that selects it, and it alone, with `-run`. */
export const onlyTest = (test: string): string => `^${test}$`;

/**
 * Counts the output of `go test -json`: each test and subtest, and packages that do not build or crash.
 *
 * @param makeAgain makes a test once more; without it, failures are final. They are in any case when they are those of an
 *   attack, or when the package ended before all of its tests were made, as after a panic
 */
export function readGoTest(output: string, makeAgain?: MakeTest): Outcome {
  const outcome = nothing();
  const durations: Duration[] = [];
  const texts = new Map<string, string>();
  const failedIn = new Set<string>();
  const skipped = new Map<string, number>();
  const passedIn = new Map<string, number>();
  const testsOf = new Map<Failure, {where: string; test: string}>();
  const madeAll = new Set<string>();
  let remembered = 0;
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    const event = JSON.parse(line) as Event;
    const where = event.Package ?? event.ImportPath ?? '';
    const name = event.Test ? `${where} ${event.Test}` : where;
    if (event.Output) texts.set(name, (texts.get(name) ?? '') + event.Output);
    if (event.Test) {
      // A test's time has that of its subtests in it, so only tests are listed.
      if (event.Elapsed && !event.Test.includes('/')) durations.push({name: `${shortName(where)} ${event.Test}`, seconds: event.Elapsed});
      if (event.Action === 'pass') {
        outcome.passed++;
        passedIn.set(where, (passedIn.get(where) ?? 0) + 1);
      }
      if (event.Action === 'fail') {
        failedIn.add(where);
        const failure = {name, output: texts.get(name) ?? ''};
        outcome.failures.push(failure);
        testsOf.set(failure, {where, test: event.Test.replace(/\/.*$/s, '')});
      }
      if (event.Action === 'skip') {
        // The line before "--- SKIP" is the reason: "    file_test.go:12: needs root".
        const why = /^\s+\S+_test\.go:\d+: (.*)$/m.exec(texts.get(name) ?? '')?.[1] ?? 'the test does not say';
        skipped.set(why, (skipped.get(why) ?? 0) + 1);
      }
    } else if (event.Output?.startsWith('ok') && event.Output.endsWith('\t(cached)\n')) {
      remembered += passedIn.get(where) ?? 0;
    } else if (event.Output === 'FAIL\n') {
      madeAll.add(where); // Package testing says so when it has made the last test, and not when a panic ends it.
    } else if (event.Action === 'build-fail' || (event.Action === 'fail' && !failedIn.has(where))) {
      failedIn.add(where);
      outcome.failures.push({name, output: texts.get(name) ?? ''});
    }
  }
  const again = new Map<string, Failure['again']>();
  for (const [failure, {where, test}] of testsOf) {
    if (!makeAgain || !madeAll.has(where) || attacks.test(where)) continue;
    const name = `${where} ${test}`;
    failure.again = again.get(name) ?? (() => makeAgain(where, test));
    again.set(name, failure.again);
  }
  for (const [why, count] of skipped) outcome.skips.push({count, what: 'Go tests', why});
  return {...outcome, ...(remembered > 0 ? {remembered} : {}), durations};
}

/** A package as it is named within the module. */
const shortName = (importPath: string): string => importPath.replace(/^.*\/code(?=\/|$)/, 'code');

/** How many tests the module has, when nothing can count them as they run. */
const countTests = (root: string): number =>
  projectFiles(root)
    .filter((file) => /^code\/.*_test\.go$/.test(file))
    .reduce((sum, file) => sum + (readFileSync(path.join(root, file), 'utf8').match(/^func Test/gm) ?? []).length, 0);

/**
 * What makes a source file depend on the processor beyond what the compiler checks: memory that is read as another type,
 * system calls by number, the width of an int, the name of the architecture.
 */
const byProcessor =
  /"unsafe"|\b(Raw)?Syscall6?\(|\bSYS_[A-Z]|\bruntime\.GOARCH\b|\bmath\.MaxU?[Ii]nt\b|\b(strconv\.IntSize|bits\.UintSize)\b|\batomic\.\w+64\(|^\/\/go:build .*\b(386|amd64|arm|arm64)\b/m;

/**
 * Packages with code that depends on the processor, in a file or by its name, as arguments for Go.
 *
 * @param files of the project, from the root
 */
export function packagesByProcessor(files: readonly string[], read: (file: string) => string): string[] {
  const found = files.filter(
    (file) => /^code\/.*\.go$/.test(file) && (/_(386|amd64|arm|arm64)(_test)?\.go$/.test(file) || byProcessor.test(read(file))),
  );
  return [...new Set(found.map((file) => `.${path.posix.dirname(file).slice('code'.length)}`))].sort();
}

/**
 * Tests of the Go module, for this machine and for 32 bits: Sheep is to run in an emulated PC, too. For 32 bits every
 * package is compiled, and the tests of those are run that depend on the processor; `--fresh` runs all.
 *
 * Go itself remembers which packages passed, by their code, the files and the variables that their tests read. The
 * machine is not among those, so it is told to skip tests by a name that no test has and that changes with the machine.
 */
export const go: Stage = {
  name: 'go',
  summary: 'tests of the Go module in code/, for this machine and for linux/386',
  run: async ({root, go: toolchain, fresh, progress}) => {
    if (toolchain.program === null) {
      const count = countTests(root);
      return {...nothing(), skips: count === 0 ? [] : [{count, what: 'Go tests', why: toolchain.why, remedy: toolchain.remedy}]};
    }
    const {program, env} = toolchain;
    const cwd = path.join(root, 'code');
    const machine = createHash('sha256').update(machineFacts().join('\0')).digest('hex').slice(0, 16);
    const always = fresh ? ['-count=1'] : [`-skip=^on machine ${machine}$`];
    /** Tests packages, with variables and build tags; `select` says which tests, and whether Go may know their results. */
    const test = async (
      what: string,
      packages: readonly string[],
      more: NodeJS.ProcessEnv,
      tags: readonly string[] = [],
      select: readonly string[] = always,
    ): Promise<Outcome> => {
      progress(what);
      const {status, stdout, output} = await run(program, ['test', '-json', ...tags, ...select, ...packages], {
        cwd,
        // Linked statically, as Sheep is: what confines a process has to reach all of its threads.
        env: {...env, CGO_ENABLED: '0', ...more},
      });
      const outcome = readGoTest(stdout, (importPath, name) =>
        test(what, [importPath], more, tags, ['-count=1', `-run=${onlyTest(name)}`]),
      );
      if (status !== 0 && outcome.failures.length === 0) outcome.failures.push({name: 'go test', output});
      return outcome;
    };
    // With the tag, tests can have a command killed between any two of its system calls (code/internal/crash).
    const outcomes = [await test('for this machine', ['./...'], {}, ['-tags', 'crashtest'])];
    const x86 = {GOOS: 'linux', GOARCH: '386'};
    progress('compiling for linux/386');
    const compiled = await run(program, ['build', './...'], {cwd, env: {...env, CGO_ENABLED: '0', ...x86}});
    if (compiled.status === 0) outcomes.push({...nothing(), passed: 1});
    else outcomes.push({...nothing(), failures: [{name: 'go build for linux/386', output: compiled.output}]});
    const packages = fresh ? ['./...'] : packagesByProcessor(projectFiles(root), (file) => readFileSync(path.join(root, file), 'utf8'));
    const probe = process.platform === 'linux' && process.arch === 'x64' && (await test('linux/386', ['./internal/nearest'], x86));
    if (probe && probe.failures.length === 0) outcomes.push(await test('for linux/386', packages, x86));
    else {
      const why = 'this machine runs no programs of linux/386';
      outcomes.push({...nothing(), skips: [{count: countTests(root), what: 'Go tests for linux/386', why}]});
    }
    return join(outcomes);
  },
};
