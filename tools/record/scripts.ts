import {existsSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {resultsFolder} from '../../sessions/result.ts';
import {checkExercise, checkExperiment, checkRecording, type Exercise, type Experiment, type Recording} from '../../sessions/script.ts';

/** What a script makes: a recording to play, or an experiment to read. */
export type Kind = 'recordings' | 'experiments';

/** A folder of scripts. Exercises make nothing: they are tried, see tools/exercise/. */
export type Folder = Kind | 'exercises';

/** A script, and the kind that it is of. */
export type Script = {name: string; kind: Kind};

const kinds: readonly Kind[] = ['recordings', 'experiments'];

/** A script's path from the root of the repository. */
export const scriptFile = (name: string, kind: Folder = 'recordings'): string => `sessions/${kind}/${name}.ts`;

/** Path of what a script makes, from the root of the repository: a cast, or the result of an experiment. */
export const resultFile = (name: string, kind: Kind = 'recordings'): string =>
  kind === 'recordings' ? `static/recordings/${name}.cast` : `${resultsFolder}/${name}.json`;

/** Names of all scripts of a kind, sorted. */
export function scriptNames(root: string, kind: Folder = 'recordings'): string[] {
  const folder = path.join(root, 'sessions', kind);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.basename(file, '.ts'))
    .sort();
}

/** All scripts: recordings, then experiments. @throws Error for a name that two of them have */
export function allScripts(root: string): Script[] {
  const scripts = kinds.flatMap((kind) => scriptNames(root, kind).map((name) => ({name, kind})));
  const twice = scripts.find(({name}, index) => scripts.findIndex((other) => other.name === name) !== index);
  if (twice) throw new Error(`${kinds.map((kind) => scriptFile(twice.name, kind)).join(' and ')} have one name; rename one`);
  return scripts;
}

/** Reads the script of a recording. @throws Error that names file and field of each mistake */
export const loadRecording = async (root: string, name: string): Promise<Recording> =>
  checkRecording(scriptFile(name), await exportOf(root, scriptFile(name)));

/** The same for an experiment. */
export const loadExperiment = async (root: string, name: string): Promise<Experiment> =>
  checkExperiment(scriptFile(name, 'experiments'), await exportOf(root, scriptFile(name, 'experiments')));

/** The same for an exercise. */
export const loadExercise = async (root: string, name: string): Promise<Exercise> =>
  checkExercise(scriptFile(name, 'exercises'), await exportOf(root, scriptFile(name, 'exercises')));

async function exportOf(root: string, file: string): Promise<unknown> {
  const {default: exported} = (await import(path.join(root, file))) as {default?: unknown};
  return exported;
}
