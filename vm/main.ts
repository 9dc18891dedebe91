import {once} from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import {projectCache} from '../host/cache.ts';
import {help, parseArguments, type Request} from './arguments.ts';
import {doctor} from './doctor.ts';
import {VmError} from './failure.ts';
import {folderEntries, repositoryEntries, writeBack} from './files.ts';
import {findImage} from './image/find.ts';
import {interruptions, type Interruption} from './interruptions.ts';
import type {Machine, Sink} from './machine.ts';
import {hasTerminal, openShell} from './shell.ts';
import {prepare, startMachine} from './start.ts';

type Run = Extract<Request, {action: 'run' | 'shell'}>;

async function main(): Promise<void> {
  const interruption = interruptions();
  try {
    const request = parseArguments(process.argv.slice(2));
    if (request.action === 'help') process.stdout.write(help);
    else if (request.action === 'doctor') process.exitCode = doctor(request.arch);
    else if (request.action === 'clean') clean();
    else if (request.action === 'build') await build(request.arch, interruption);
    else process.exitCode = await run(request, interruption);
  } catch (error) {
    if (interruption.status !== undefined) {
      process.exitCode = interruption.status;
    } else if (error instanceof VmError) {
      process.stderr.write(`vm: ${error.message}\n`);
      process.exitCode = error.status;
    } else {
      throw error;
    }
  } finally {
    process.stdin.destroy(); // A pipe that nobody closes must not keep us.
  }
}

/** Builds the image, for the first start or for another machine; QEMU is not needed. */
async function build(arch: string, interruption: Interruption): Promise<void> {
  const {kernel, release} = await findImage(arch, (line) => process.stderr.write(`vm: ${line}\n`), interruption.signal);
  process.stdout.write(`kernel ${release} in ${path.dirname(kernel)}\n`);
}

/** Removes the project's folder in the user's cache: what is in it is made again when it is needed. */
function clean(): void {
  const folder = projectCache();
  const there = fs.existsSync(folder);
  fs.rmSync(folder, {recursive: true, force: true});
  process.stdout.write(there ? `removed ${folder}\n` : `${folder} is not there\n`);
}

/** Runs the command on a machine of its own and returns its exit status. */
async function run(request: Run, interruption: Interruption): Promise<number> {
  const {share} = request;
  if (share !== undefined && !fs.statSync(share, {throwIfNoEntry: false})?.isDirectory()) {
    throw new VmError('usage', `--share ${share}: there is no such folder.`);
  }
  if (request.action === 'shell' && !hasTerminal()) {
    throw new VmError('usage', '--shell needs a terminal; to run a script: npm run vm -- -- bash /repo/script');
  }
  const began = Date.now();
  const since = () => `${((Date.now() - began) / 1000).toFixed(2)} s`;
  const say = (line: string) => process.stderr.write(`vm: ${line}\n`);
  const detail = request.verbose ? say : () => undefined;

  const prepared = await prepare({arch: request.arch, accelerator: request.accelerator, say, signal: interruption.signal});
  detail(`${since()}: ${prepared.arch}, kernel ${prepared.image.release}, ${prepared.accelerator}, image ${prepared.image.key}`);

  const ending = new AbortController();
  interruption.signal.addEventListener('abort', () => ending.abort());
  const limit = request.timeout;
  const timer =
    limit &&
    setTimeout(
      () => ending.abort(new VmError('timeout', `The time limit of ${limit} s has passed; the machine was ended. (--timeout SECONDS)`)),
      limit * 1000,
    );
  try {
    const machine = await startMachine(prepared, {
      memory: request.memory,
      clock: request.clock,
      repository: repositoryEntries(),
      share: share === undefined ? [] : folderEntries(share),
      signal: ending.signal,
    });
    detail(`${since()}: started`);
    const status = await (request.action === 'shell'
      ? openShell(machine, request.argv.length > 0 ? request.argv : ['bash', '-l'], request.user)
      : command(machine, request));
    detail(`${since()}: ended with status ${status}`);
    if (share !== undefined) {
      const count = writeBack(await machine.collect(), share);
      detail(`${since()}: ${count} files came back to ${share}`);
    }
    await machine.off();
    detail(`${since()}: powered off`);
    return status;
  } finally {
    ending.abort();
    clearTimeout(timer);
  }
}

function command(machine: Machine, request: Run): Promise<number> {
  return machine.run(
    {argv: request.argv, user: request.user},
    {
      stdin: process.stdin.isTTY ? undefined : process.stdin,
      stdout: pass(process.stdout),
      stderr: pass(process.stderr),
    },
  );
}

/** Hands output on no faster than whoever reads our output takes it. */
function pass(stream: NodeJS.WriteStream): Sink {
  return (bytes) => {
    if (!stream.write(bytes)) return once(stream, 'drain').then(() => undefined);
  };
}

void main();
