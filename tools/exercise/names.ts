import {suggest} from '../../plugins/markdown/problems.ts';
import type {Exercise, ProgramExercise} from '../../sessions/script.ts';

/** Whether the result of an exercise is a program, so that its check takes the path of one. */
export const takesProgram = (exercise: Exercise): exercise is ProgramExercise => exercise.kind === 'extend' || exercise.kind === 'stage';

/** The short form of a name: `01-2` for `01-2-leak`. A name without a number after that of the chapter has none. */
export const shortName = (name: string): string => /^\d{2}-\d+(?=-)/.exec(name)?.[0] ?? name;

/**
 * The exercise that a word means: its name, or the short form.
 *
 * @param names of all exercises
 * @throws Error with the nearest name when none has that name
 */
export function findName(names: readonly string[], word: string): string {
  const found = names.find((name) => name === word || shortName(name) === word);
  if (found !== undefined) return found;
  const known = names.flatMap((name) => [...new Set([shortName(name), name])]);
  throw new Error(`no exercise has the name ${word}${suggest(word, known)}`);
}
