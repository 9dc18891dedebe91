import {spawnSync} from 'node:child_process';
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
  /** Gets the report as it comes. */
  readonly write: (text: string) => void;
};

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
    const binaries: {name: string; found: Package}[] = [];
    for (const found of packages) {
      if (!found.TestGoFiles && !found.XTestGoFiles) {
        write(json ? event({Action: 'skip', Package: found.ImportPath}) : `?   \t${found.ImportPath}\t[no test files]\n`);
        continue;
      }
      const name = `${binaries.length}.test`;
      const built = await runGuarded(go, ['test', '-c', '-tags', TAGS, '-o', path.join(scratch, name), found.ImportPath], {
        cwd: code,
        env,
        scratch,
        signal,
      });
      if (built.status === 0) {
        binaries.push({name, found});
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

    const share = binaries.map(({name}): CpioEntry => ({
      type: 'file',
      path: name,
      mode: 0o755,
      data: fs.readFileSync(path.join(scratch, name)),
    }));
    const machine = await startMachine(prepared, {memory: MEMORY, repository: repositoryEntries(), share, signal});
    for (const {name, found} of binaries) {
      const flags = [`-test.timeout=${timeout}s`, `-test.paniconexit0`];
      if (options.run !== undefined) flags.push(`-test.run=${options.run}`);
      if (json) flags.push('-test.v=test2json');
      else if (options.verbose) flags.push('-test.v');
      const chunks: Buffer[] = [];
      const began = performance.now();
      const keep = (bytes: Buffer) => void chunks.push(bytes);
      const status = await machine.run(
        {
          argv: [`/share/${name}`, ...flags],
          cwd: path.posix.join('/repo', path.relative(repositoryFolder, found.Dir)),
          env: {SHEEP_VM: '1'},
        },
        {stdout: keep, stderr: keep},
      );
      const seconds = ((performance.now() - began) / 1000).toFixed(3);
      const ended = status === 0 ? `ok  \t${found.ImportPath}\t${seconds}s\n` : `FAIL\t${found.ImportPath}\t${seconds}s\n`;
      if (status !== 0) passed = false;
      const output = Buffer.concat(chunks).toString('utf8');
      // `go test` shows the words of a package that passed only when asked to.
      if (json) write(toEvents(go, found.ImportPath, output, status, ended));
      else write((options.verbose || status !== 0 ? output : '') + ended);
    }
    await machine.off();
    if (!passed && !json) write('FAIL\n');
    return passed;
  } finally {
    work.close();
  }
}

/** Lets Go's own converter read a test binary's output. */
function toEvents(go: string, importPath: string, output: string, status: number, ended: string): string {
  const {stdout, error} = spawnSync(go, ['tool', 'test2json', '-p', importPath], {
    input: output + (status === 0 ? '' : `exit status ${status}\n`) + ended,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  return stdout;
}

function event(fields: Record<string, string>): string {
  return `${JSON.stringify(fields)}\n`;
}
