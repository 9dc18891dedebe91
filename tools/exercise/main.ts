import fs from 'node:fs';
import path from 'node:path';

import type {Exercise} from '../../sessions/script.ts';
import {VmError} from '../../vm/failure.ts';
import {folderEntries, repositoryEntries, writeBack} from '../../vm/files.ts';
import {learner} from '../../vm/image/manifest.ts';
import {interruptions, type Interruption} from '../../vm/interruptions.ts';
import type {Machine} from '../../vm/machine.ts';
import {hostArchitecture} from '../../vm/qemu.ts';
import {hasTerminal, openShell} from '../../vm/shell.ts';
import {prepare, startMachine} from '../../vm/start.ts';
import {loadExercise, scriptNames} from '../record/scripts.ts';
import {help, parseArguments, UsageError} from './arguments.ts';
import {ask, install, makeKit, program} from './kit.ts';
import {shortName, takesProgram} from './names.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Where the program of `--check` lies in the machine. */
const checked = '/usr/local/lib/checked';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function list(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const {kind, title} = await loadExercise(root, name);
    console.log(`${shortName(name).padEnd(9)} ${name.padEnd(15)} ${kind.padEnd(8)} ${title}`);
  }
}

/** Starts the machine of an exercise, with what the exercise brings along. Says what takes time. */
async function start(exercise: Exercise, share: string | undefined, interruption: Interruption): Promise<Machine> {
  const arch = exercise.architecture ?? hostArchitecture();
  const {signal} = interruption;
  const prepared = await prepare({arch, say, signal});
  const packages = [...(takesProgram(exercise) ? [exercise.begin] : []), ...(exercise.programs ?? [])];
  if (packages.length > 0) say(`Building ${packages.join(', ')} …`);
  const kit = makeKit(root, exercise, {program: 'go', env: process.env}, arch);
  say(`Starting the machine${prepared.accelerator === 'tcg' ? ', which takes some seconds: the processor is emulated' : ''} …`);
  const own = share === undefined ? [] : folderEntries(share);
  const names = new Set(own.map((entry) => entry.path));
  const machine = await startMachine(prepared, {
    repository: repositoryEntries(),
    share: [...kit.share.filter((entry) => !names.has(entry.path)), ...own],
    signal,
  });
  say('Setting the exercise up …\n');
  await install(machine, kit);
  return machine;
}

async function shell(name: string, share: string | undefined, interruption: Interruption): Promise<number> {
  if (share !== undefined && !fs.statSync(share, {throwIfNoEntry: false})?.isDirectory())
    throw new UsageError(`--share ${share}: there is no such folder`);
  if (!hasTerminal()) throw new UsageError('an exercise needs a terminal; --check PATH needs none');
  const exercise = await loadExercise(root, name);
  const {user = learner.name} = exercise;
  const machine = await start(exercise, share, interruption);
  try {
    await openShell(machine, ['bash', '-c', 'cd; task; exec bash -l'], user === 'root' ? undefined : user);
    if (share !== undefined) writeBack(await machine.collect(), share);
    return 0;
  } finally {
    await machine.off();
  }
}

async function check(name: string, file: string, interruption: Interruption): Promise<number> {
  if (!fs.statSync(file, {throwIfNoEntry: false})?.isFile()) throw new UsageError(`--check ${file}: there is no such file`);
  const exercise = await loadExercise(root, name);
  if (!takesProgram(exercise))
    throw new UsageError(`--check ${file}: ${name} asks for no program; start it, and type check in the machine`);
  const machine = await start(exercise, undefined, interruption);
  try {
    await machine.put([program(path.basename(file), fs.readFileSync(file))], checked);
    const {output, status} = await ask(machine, ['check', `${checked}/${path.basename(file)}`], learner.name);
    process.stdout.write(output.replace('Need help? Type hint.\n', ''));
    return status;
  } finally {
    await machine.off();
  }
}

async function run(interruption: Interruption): Promise<number> {
  const names = scriptNames(root, 'exercises');
  const request = parseArguments(process.argv.slice(2), names);
  switch (request.action) {
    case 'help':
      process.stdout.write(help);
      return 0;
    case 'list':
      await list(names);
      return 0;
    case 'start':
      return shell(request.name, request.share, interruption);
    case 'check':
      return check(request.name, request.program, interruption);
  }
}

async function main(): Promise<void> {
  const interruption = interruptions();
  try {
    process.exitCode = await run(interruption);
  } catch (error) {
    if (interruption.status !== undefined) {
      process.exitCode = interruption.status;
      return;
    }
    const usage = error instanceof UsageError;
    say(`exercise: ${error instanceof Error ? error.message : String(error)}${usage ? '\nnpm run exercise -- --help says more.' : ''}`);
    process.exitCode = usage ? 2 : error instanceof VmError ? error.status : 1;
  } finally {
    process.stdin.destroy(); // A pipe that nobody closes must not keep us.
  }
}

void main();
