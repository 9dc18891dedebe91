import {createHash} from 'node:crypto';
import type {Exercise, ProgramExercise} from '../../sessions/script.ts';
import {learner} from '../../vm/image/manifest.ts';
import type {Machine} from '../../vm/machine.ts';
import {startMachine, type Prepared} from '../../vm/start.ts';
import type {Go} from '../record/homefolder.ts';
import {ask, buildPrograms, install, makeKit, program, setUp, type Answer, type Kit} from './kit.ts';
import {library, unindent} from './inside.ts';
import {takesProgram} from './names.ts';

/** Where programs that are tried lie in the machine. */
const tried = '/usr/local/lib/tried';

/** A program that the check of an exercise is tried with, and what it has to say; null: that it is done. */
type Candidate = {name: string; data: Uint8Array; says: RegExp | null};

/** All that proving an exercise takes, built: {@link proofHash} tells it from another. */
export type Proof = {exercise: Exercise; kit: Kit; candidates: Candidate[]};

/** Builds what an exercise brings along and is tried with. @throws Error when a program cannot be built */
export function makeProof(root: string, exercise: Exercise, go: Go, arch: string): Proof {
  const kit = makeKit(root, exercise, go, arch);
  return {exercise, kit, candidates: takesProgram(exercise) ? makeCandidates(root, exercise, go, arch) : []};
}

function makeCandidates(
  root: string,
  {begin, undone, solution, others, attempts = []}: ProgramExercise,
  go: Go,
  arch: string,
): Candidate[] {
  const wanted: {name: string; source: string; says: RegExp | null}[] = [
    {name: 'begin', source: begin, says: undone},
    {name: 'solution', source: solution, says: null},
    ...others.map((source, index) => ({name: `others.${index}`, source, says: null})),
    ...attempts.map(({program: source, missing}, index) => ({name: `attempts.${index}`, source, says: missing})),
  ];
  const packages = wanted.map(({source}) => source).filter((source) => source.startsWith('./'));
  const built = buildPrograms(root, packages, go, arch);
  return wanted.map(({name, source, says}) => ({
    name,
    says,
    data: source.startsWith('./') ? (built[packages.indexOf(source)] ?? Buffer.alloc(0)) : Buffer.from(`#!/bin/sh\n${source}\n`),
  }));
}

/** Hash of all that goes into the machine. */
export function proofHash({kit, candidates}: Proof): string {
  const hash = createHash('sha256');
  for (const entry of [...kit.share, ...kit.root]) {
    hash.update(`${entry.path}\0${entry.type === 'link' ? entry.target : entry.mode}\0`);
    if (entry.type === 'file') hash.update(createHash('sha256').update(entry.data).digest());
  }
  for (const {name, data} of candidates) hash.update(`${name}\0`).update(createHash('sha256').update(data).digest());
  return hash.digest('hex');
}

/** What an answer of `check` has against it; null when it is as it has to be. */
export function judge(says: RegExp | null, {output, status}: Answer): string | null {
  const wrong =
    // bash names the script and the line where a command fails.
    output.includes(`${library}/check: `)
      ? 'has an error'
      : says === null
        ? status === 0
          ? null
          : 'says that it is not done'
        : status === 0
          ? 'says that it is done'
          : status !== 1
            ? `ends with status ${status}, not 1`
            : says.test(output)
              ? null
              : `says nothing that matches ${says.toString()}`;
  return wrong === null ? null : `the check ${wrong}. It printed:\n${output.replace(/^/gm, '  ').trimEnd()}`;
}

/**
 * Proves an exercise in a machine of its own, as a reader would meet it: its check refuses what it begins with and what goes
 * half the way, and takes the solution.
 *
 * @returns what is wrong, each beginning with what was tried
 * @throws Error when the set-up fails; VmError when the machine does
 */
export async function prove({exercise, kit, candidates}: Proof, prepared: Prepared, say: (line: string) => void): Promise<string[]> {
  const machine = await startMachine(prepared, {share: kit.share});
  try {
    await install(machine, kit);
    return await (takesProgram(exercise) ? provePrograms(machine, candidates, say) : proveCommands(machine, exercise, say));
  } finally {
    await machine.off();
  }
}

async function provePrograms(machine: Machine, candidates: readonly Candidate[], say: (line: string) => void): Promise<string[]> {
  await machine.put(
    candidates.map(({name, data}) => program(name, data)),
    tried,
  );
  const problems: string[] = [];
  for (const {name, says} of candidates) {
    say(`  ${name}`);
    const problem = judge(says, await ask(machine, ['check', `${tried}/${name}`], learner.name));
    if (problem !== null) problems.push(`${name}: ${problem}`);
  }
  return problems;
}

async function proveCommands(
  machine: Machine,
  {user = learner.name, undone, solution, attempts = []}: Extract<Exercise, {kind: 'observe' | 'mend'}>,
  say: (line: string) => void,
): Promise<string[]> {
  const reader = user === 'root' ? undefined : user;
  const problems: string[] = [];
  const look = async (what: string, says: RegExp | null): Promise<void> => {
    const problem = judge(says, await ask(machine, ['check'], reader));
    if (problem !== null) problems.push(`${what}: ${problem}`);
  };
  const act = async (what: string, script: string): Promise<void> => {
    say(`  ${what}`);
    const {output, status} = await ask(machine, ['bash', '-c', unindent(script)], reader);
    if (status !== 0) problems.push(`${what}: it ends with status ${status}. It printed:\n${output}`);
  };
  await look('nothing done', undone);
  await act('solution', solution);
  await look('solution', null);
  for (const [index, {run, missing}] of attempts.entries()) {
    await setUp(machine);
    await act(`attempts.${index}`, run);
    await look(`attempts.${index}`, missing);
  }
  return problems;
}
