import {readdirSync} from 'node:fs';
import path from 'node:path';
import {checkRecording, type Recording} from '../../sessions/script.ts';

const folder = 'sessions/recordings';

/** Names of all scripts of recordings, sorted. */
export function scriptNames(root: string): string[] {
  return readdirSync(path.join(root, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.basename(file, '.ts'))
    .sort();
}

/** A script's path from the root of the repository. */
export const scriptFile = (name: string): string => `${folder}/${name}.ts`;

/** Path of what a script was recorded to, from the root of the repository. */
export const castFile = (name: string): string => `static/recordings/${name}.cast`;

/** Reads a script. @throws Error that names file and field of each mistake */
export async function loadRecording(root: string, name: string): Promise<Recording> {
  const {default: exported} = (await import(path.join(root, scriptFile(name)))) as {default?: unknown};
  return checkRecording(scriptFile(name), exported);
}
