import {spawn, type ChildProcess} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');

export type Ended = {status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string};
export type Tool = {child: ChildProcess; ended: Promise<Ended>};

/** Starts the tool as `npm run vm` does. */
export function startTool(args: readonly string[], options: {input?: string; env?: NodeJS.ProcessEnv; script?: string} = {}): Tool {
  const child = spawn(process.execPath, ['--import', 'tsx', options.script ?? 'vm/main.ts', ...args], {
    cwd: root,
    env: {...process.env, npm_lifecycle_event: '', ...options.env},
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (options.input !== undefined) child.stdin?.end(options.input);
  const ended = new Promise<Ended>((resolve) => child.once('close', (status, signal) => resolve({status, signal, stdout, stderr})));
  return {child, ended};
}

/** Runs the tool to its end. */
export function vm(args: readonly string[], options: Parameters<typeof startTool>[1] = {}): Promise<Ended> {
  return startTool(args, options).ended;
}

/** Command lines of the processes that name a text, zombies left out. Linux. */
export function processes(text: string): string[] {
  return fs.readdirSync('/proc').flatMap((pid) => {
    try {
      const line = /^\d+$/.test(pid) ? fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : '';
      return line.includes(text) ? [line] : [];
    } catch {
      return []; // It has ended since.
    }
  });
}

/** What must be the same after a run as before it: the machine's own files in the folder for temporary ones, and mounts. */
export function traces(): {files: string[]; mounts: string} {
  return {
    files: fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith('sheep-vm-')),
    mounts: fs.readFileSync('/proc/self/mounts', 'utf8'),
  };
}

/** Waits until a condition holds, for a time. */
export async function eventually(condition: () => boolean, seconds = 60): Promise<boolean> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return condition();
}
