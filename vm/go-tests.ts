import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {openScratch} from './cache.ts';
import type {CpioEntry} from './cpio.ts';
import {repositoryEntries, repositoryFolder} from './files.ts';
import {runGuarded} from './guard.ts';
import {prepare, startMachine} from './start.ts';

/** Build tags: of the tests that may run in the machine only, and of programs that tests can kill at named points. */
const TAGS = 'vm,crashtest';

/** Mebibytes: the test binaries lie in the machine's memory, and fifty containers with their monitors. */
const MEMORY = 2048;

export type GoTestOptions = {
  /** The Go program, and its environment when it needs one. */
  readonly go?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Debian's name of the machine's architecture, which is Go's too; absent, this machine's own. */
  readonly arch?: string;
  /** Packages, as `go list` takes them. */
  readonly packages?: readonly string[];
  /** `-run` of `go test`. */
  readonly run?: string;
  /** Every test by name, as `go test -v`. */
  readonly verbose?: boolean;
  /** One event a line, as `go test -json`. */
  readonly json?: boolean;
  /** Seconds for each package, as `-timeout` of `go test`. */
  readonly timeout?: number;
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Asked before the tests of a package: the report of those that are known to pass, which are not run. */
  readonly known?: (tests: PackageTests) => string | undefined;
  /**
   * Told of a package whose tests passed: with its report, and with the files and folders of the repository that they
   * looked for, from its root.
   */
  readonly passed?: (tests: PackageTests, report: string, looked: readonly string[]) => void;
  /** Gets the report as it comes. */
  readonly write: (text: string) => void;
};

/** The tests of a package, built. */
export type PackageTests = {readonly importPath: string; /** SHA-256 of the program. */ readonly binary: string};

/** What `go list` says of a package. */
type Package = {ImportPath: string; Dir: string; TestGoFiles?: string[]; XTestGoFiles?: string[]};

/**
 * Tests the Go module in the machine: builds one test binary for each package here (`go test -c`), runs all of
 * them in one boot, each in its package's folder, and reports in `go test`'s own words.
 * Returns true when everything passed.
 *
 * @throws VmError when the machine cannot be started or is lost.
 */
export async function runGoTests(options: GoTestOptions): Promise<boolean> {
  const {write, json = false, timeout = 600, signal} = options;
  const say = options.say ?? (() => undefined);
  const go = options.go ?? 'go';
  const code = path.join(repositoryFolder, 'code');
  const prepared = await prepare({arch: options.arch, say, signal});
  const env = {...(options.env ?? process.env), GOOS: 'linux', GOARCH: prepared.arch, CGO_ENABLED: '0'};
  const work = openScratch();
  const scratch = work.folder;
  try {
    const listed = await runGuarded(
      go,
      ['list', '-json=ImportPath,Dir,TestGoFiles,XTestGoFiles', '-tags', TAGS, ...(options.packages ?? ['./...'])],
      {
        cwd: code,
        env,
        scratch,
        signal,
      },
    );
    if (listed.status !== 0) {
      write(listed.stderr);
      return false;
    }
    const packages = JSON.parse(`[${listed.stdout.replace(/\}\s*\{/g, '},{')}]`) as Package[];

    say('building the tests');
    let passed = true;
    const binaries: {name: string; found: Package; tests: PackageTests; data: Buffer}[] = [];
    for (const found of packages) {
      if (!found.TestGoFiles && !found.XTestGoFiles) {
        write(json ? event({Action: 'skip', Package: found.ImportPath}) : `?   \t${found.ImportPath}\t[no test files]\n`);
        continue;
      }
      const name = `${binaries.length}.test`;
      const file = path.join(scratch, name);
      const built = await runGuarded(go, ['test', '-c', '-tags', TAGS, '-o', file, found.ImportPath], {
        cwd: code,
        env,
        scratch,
        signal,
      });
      if (built.status === 0) {
        const data = fs.readFileSync(file);
        const tests = {importPath: found.ImportPath, binary: createHash('sha256').update(data).digest('hex')};
        const report = options.known?.(tests);
        if (report === undefined) binaries.push({name, found, tests, data});
        else write(report);
        continue;
      }
      passed = false;
      const failure = `FAIL\t${found.ImportPath} [build failed]\n`;
      if (json) {
        write(event({Action: 'output', Package: found.ImportPath, Output: built.stderr}));
        write(event({Action: 'output', Package: found.ImportPath, Output: failure}));
        write(event({Action: 'fail', Package: found.ImportPath, FailedBuild: found.ImportPath}));
      } else {
        write(`# ${found.ImportPath}\n${built.stderr}${failure}`);
      }
    }

    if (binaries.length === 0) {
      if (!passed && !json) write('FAIL\n');
      return passed;
    }
    const share = binaries.map(({name, data}): CpioEntry => ({type: 'file', path: name, mode: 0o755, data}));
    const machine = await startMachine(prepared, {memory: MEMORY, repository: repositoryEntries(), share, signal});
    for (const {name, found, tests} of binaries) {
      say(found.ImportPath);
      const log = `/share/${name}.log`;
      const flags = [`-test.timeout=${timeout}s`, `-test.paniconexit0`];
      if (options.passed) flags.push(`-test.testlogfile=${log}`);
      if (options.run !== undefined) flags.push(`-test.run=${options.run}`);
      if (json) flags.push('-test.v=test2json');
      else if (options.verbose) flags.push('-test.v');
      const chunks: Buffer[] = [];
      const began = performance.now();
      const keep = (bytes: Buffer) => void chunks.push(bytes);
      const cwd = path.posix.join('/repo', path.relative(repositoryFolder, found.Dir));
      const status = await machine.run(
        {
          argv: [`/share/${name}`, ...flags],
          cwd,
          env: {SHEEP_VM: '1'},
        },
        {stdout: keep, stderr: keep},
      );
      const seconds = ((performance.now() - began) / 1000).toFixed(3);
      const ended = status === 0 ? `ok  \t${found.ImportPath}\t${seconds}s\n` : `FAIL\t${found.ImportPath}\t${seconds}s\n`;
      if (status !== 0) passed = false;
      const output = Buffer.concat(chunks).toString('utf8');
      // `go test` shows the words of a package that passed only when asked to.
      const report = json ? toEvents(go, found.ImportPath, output, status, ended) : (options.verbose || status !== 0 ? output : '') + ended;
      write(report);
      if (options.passed && status === 0) {
        const lines: Buffer[] = [];
        const read = await machine.run(
          {argv: ['cat', log], cwd: '/', env: {}},
          {stdout: (bytes) => void lines.push(bytes), stderr: () => undefined},
        );
        if (read === 0) options.passed(tests, report, lookedFor(Buffer.concat(lines).toString('utf8'), cwd));
      }
    }
    await machine.off();
    if (!passed && !json) write('FAIL\n');
    return passed;
  } finally {
    work.close();
  }
}

/**
 * What tests looked for in the repository, from the log that package testing writes for Go's own cache: a line each,
 * such as `open FILE`, `stat FILE` and `chdir FOLDER` (`go doc internal/testlog`).
 *
 * @param cwd folder that they started in, absolute
 * @returns paths from the root of the repository, sorted
 */
export function lookedFor(log: string, cwd: string): string[] {
  const found = new Set<string>();
  let folder = cwd;
  for (const line of log.split('\n')) {
    const [, action, name = ''] = /^(open|stat|chdir) (.*)$/.exec(line) ?? [];
    if (!action) continue;
    const full = path.posix.resolve(folder, name);
    if (action === 'chdir') folder = full;
    if (full === '/repo' || full.startsWith('/repo/')) found.add(full.slice('/repo/'.length));
  }
  return [...found].sort();
}

/** Lines of a package's output that are reported with its failure. */
const LAST_LINES = 40;

/**
 * Lets Go's own converter read a test binary's output. It finds the results of tests; that a package failed, when its
 * binary was killed or ran out of time and so printed no result, is added here.
 */
export function toEvents(go: string, importPath: string, output: string, status: number | null, ended: string): string {
  const {stdout, error} = spawnSync(go, ['tool', 'test2json', '-t', '-p', importPath], {
    input: output + (status === 0 ? '' : `exit status ${status}\n`) + ended,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  const failed = status !== 0 && !stdout.includes(`"Action":"fail","Package":${JSON.stringify(importPath)}`);
  if (!failed) return stdout;
  const last = output.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  return (
    stdout +
    event({Action: 'output', Package: importPath, Output: `${last}\nexit status ${status}\n`}) +
    event({Action: 'fail', Package: importPath})
  );
}

function event(fields: Record<string, string>): string {
  return `${JSON.stringify(fields)}\n`;
}
