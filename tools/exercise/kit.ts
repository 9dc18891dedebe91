import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {createTwoFilesPatch} from 'diff';
import type {Exercise} from '../../sessions/script.ts';
import type {CpioEntry} from '../../vm/cpio.ts';
import type {Machine} from '../../vm/machine.ts';
import {learner} from '../../vm/image/manifest.ts';
import {build, type Go} from '../record/homefolder.ts';
import {insideFiles, library, unindent} from './inside.ts';
import {takesProgram} from './names.ts';

/** What an exercise brings into the machine. */
export type Kit = {
  /** For `/share`. */
  share: CpioEntry[];
  /** For the root of the machine, by paths without the first slash; folders are made as they are needed. */
  root: CpioEntry[];
};

/**
 * Builds Go packages for the machine.
 *
 * @param arch Debian's name of the machine's architecture, which is Go's as well
 * @returns the programs, in the order of the packages
 * @throws Error when there is no Go, or one does not compile
 */
export function buildPrograms(root: string, packages: readonly string[], go: Go, arch: string): Buffer[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sheep-exercise-'));
  try {
    return packages.map((name, index) => {
      const target = path.join(folder, String(index));
      build({...go, env: {...go.env, GOARCH: arch}}, path.join(root, 'code'), name, target);
      return readFileSync(target);
    });
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Names of the Go files of a package, tests left out. */
const goFiles = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'));

/** What the program of a solution has that the one that the reader begins with does not, as a unified diff. */
function programDiff(root: string, begin: string, solution: string): string {
  const [before, after] = [begin, solution].map((name) => path.join(root, 'code', name)) as [string, string];
  const old = goFiles(before);
  const patches = goFiles(after).map((name) => {
    const [from, to] = [
      old.includes(name) ? readFileSync(path.join(before, name), 'utf8') : '',
      readFileSync(path.join(after, name), 'utf8'),
    ];
    return createTwoFilesPatch(path.posix.join(begin, name), path.posix.join(solution, name), from, to, '', '', {context: 2});
  });
  const shown = patches.join('').replaceAll(/^=+\n/gm, '');
  return `The program is /repo/code/${path.posix.normalize(solution)}. What it has that ${begin} does not:\n\n${shown}`;
}

/** An executable file. */
export const program = (name: string, data: Uint8Array): CpioEntry => ({type: 'file', path: name, mode: 0o755, data});

/**
 * Gathers what an exercise brings into the machine, programs built.
 *
 * @param root of the repository
 * @param arch Debian's name of the machine's architecture
 * @throws Error when a program cannot be built
 */
export function makeKit(root: string, exercise: Exercise, go: Go, arch: string): Kit {
  const {programs = [], files = []} = exercise;
  const takes = takesProgram(exercise);
  const shown = takes ? programDiff(root, exercise.begin, exercise.solution) : unindent(exercise.solution);
  const begin = takes ? [exercise.begin] : [];
  const built = (folder: string, packages: readonly string[]): CpioEntry[] =>
    buildPrograms(root, packages, go, arch).map((data, index) => program(folder + path.posix.basename(packages[index] ?? ''), data));
  return {
    share: built('', begin),
    root: [
      ...built('usr/local/bin/', programs),
      ...files.map((file): CpioEntry => {
        const data = readFileSync(path.join(root, file));
        return {type: 'file', path: `home/${learner.name}/${path.basename(file)}`, mode: 0o644, data};
      }),
      ...Object.entries(insideFiles(exercise, shown)).map(([name, {content, mode}]): CpioEntry => ({
        type: 'file',
        path: name.slice(1),
        mode,
        data: Buffer.from(content),
      })),
    ],
  };
}

/** What a command printed, both outputs together, and its exit status. */
export type Answer = {output: string; status: number};

/** Runs a command to its end. @param user who runs it; absent: root */
export async function ask(machine: Machine, argv: readonly string[], user?: string): Promise<Answer> {
  const chunks: Buffer[] = [];
  const take = (bytes: Buffer): void => void chunks.push(bytes);
  const cwd = user === undefined ? '/root' : `/home/${user}`;
  const status = await machine.run({argv, user, cwd}, {stdout: take, stderr: take});
  return {output: Buffer.concat(chunks).toString(), status};
}

/** Makes the place of the exercise, once more when it was made before. @throws Error when the set-up fails */
export async function setUp(machine: Machine): Promise<void> {
  const {output, status} = await ask(machine, ['bash', '-c', `bash ${library}/set-up >${library}/notes`]);
  if (status !== 0) throw new Error(`the set-up ends with status ${status}.\n${output}`);
}

/** Brings an exercise into a machine that has started with the files of its kit for `/share`, and sets it up. */
export async function install(machine: Machine, kit: Kit): Promise<void> {
  await machine.put(kit.root, '/');
  // The check is made where the exercise began: in another mount namespace /proc may be another.
  await ask(machine, [
    'bash',
    '-c',
    `readlink /proc/self/ns/mnt >${library}/mounts; chown --recursive ${learner.name}: /home/${learner.name}`,
  ]);
  await setUp(machine);
}
