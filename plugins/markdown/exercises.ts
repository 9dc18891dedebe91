import {readdir} from 'node:fs/promises';
import path from 'node:path';
import type {MdxJsxFlowElement, MdxJsxTextElement} from 'mdast-util-mdx';
import {suggest} from './problems.ts';

/** Folder of the scripts of exercises, from the root of the repository. */
export const exercisesFolder = 'sessions/exercises';

/** Names of all exercises that have a check. */
export async function exerciseNames(siteDir: string): Promise<string[]> {
  const files = await readdir(path.join(siteDir, exercisesFolder)).catch(() => []);
  return files.filter((file) => file.endsWith('.ts')).map((file) => path.basename(file, '.ts'));
}

/** What is wrong with the `check` of an `<Exercise>`: it names an exercise that is not there, or none. */
export function checkExerciseName({name, attributes}: MdxJsxFlowElement | MdxJsxTextElement, names: readonly string[]): string[] {
  if (name !== 'Exercise') return [];
  return attributes.flatMap((attribute) => {
    if (attribute.type !== 'mdxJsxAttribute' || attribute.name !== 'check') return [];
    const {value} = attribute;
    if (typeof value !== 'string') return ['the check of an <Exercise> is the name of a script: check="01-2-leak"'];
    return names.includes(value) ? [] : [`check="${value}": there is no ${exercisesFolder}/${value}.ts${suggest(value, names)}`];
  });
}
