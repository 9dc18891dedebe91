import {spawn, type ChildProcess, type StdioOptions} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';

/**
 * A child that cannot outlive us, however we die.
 *
 * A tool that gets SIGKILL runs no handler, so the child must notice by itself.
 * Every child is started through a small shell that holds the reading end of a
 * pipe from us; when we are gone the kernel closes the writing end, the shell reads
 * end of file, kills the child's whole process group and removes the scratch folder.
 * A pipe at end of file stays so: there is no moment at which the news is missed.
 * (`prctl(PR_SET_PDEATHSIG)` would be Linux only and has such a moment.)
 *
 * That pipe is descriptor 3.
 */
const GUARD = `
scratch=$1; shift
"$@" 3<&- &
child=$!
{
  trap '' TERM
  read -r _ <&3
  kill -TERM 0
  kill -9 $child
  [ -z "$scratch" ] || rm -rf "$scratch"
  kill -9 0
} &
watch=$!
exec 3<&-
wait $child
status=$?
kill -9 $watch
exit $status
`;

export type GuardedOptions = {
  readonly command: string;
  readonly args: readonly string[];
  /** Removed when we die before the child has ended. */
  readonly scratch?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Standard output and error; a background job of a shell has no standard input. */
  readonly output: readonly [StdioEntry, StdioEntry];
  /** Descriptors from 4 on. */
  readonly more?: readonly StdioEntry[];
};

/** A pipe to us (on Unix a socket pair, so both ends read and write), one of this process's descriptors, or nothing. */
type StdioEntry = 'ignore' | 'pipe' | number;

/** Starts a guarded child. It leads a process group of its own, so Ctrl-C reaches only us. */
export function spawnGuarded(options: GuardedOptions): ChildProcess {
  const stdio: StdioOptions = ['ignore', ...options.output, 'pipe', ...(options.more ?? [])];
  const child = spawn('/bin/sh', ['-c', GUARD, 'vm-guard', options.scratch ?? '', options.command, ...options.args], {
    stdio,
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
  });
  // The pipe is only ever closed; a child that ends first must not raise EPIPE here.
  (child.stdio[3] as Writable | null)?.on('error', () => undefined);
  return child;
}

/** Kills a guarded child and all it started, at once. */
export function killGuarded(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: it has already ended.
  }
}

/** Runs a command to its end and returns what it printed. */
export async function runGuarded(
  command: string,
  args: readonly string[],
  options: {scratch?: string; cwd?: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal} = {},
): Promise<{status: number; stdout: string; stderr: string}> {
  const child = spawnGuarded({command, args, output: ['pipe', 'pipe'], ...options});
  const abort = () => killGuarded(child);
  options.signal?.addEventListener('abort', abort, {once: true});
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 255));
    }),
  ]);
  options.signal?.removeEventListener('abort', abort);
  return {status, stdout, stderr};
}

async function text(stream: Readable | null): Promise<string> {
  if (!stream) return '';
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
