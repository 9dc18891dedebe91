import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';

import {createTwoFilesPatch} from 'diff';

import {parseResult, resultsFolder, type Result} from '../../sessions/result.ts';
import {normalise} from './normalise.ts';

/** Path of an experiment's result from the root of the repository. */
export const resultFile = (name: string): string => `${resultsFolder}/${name}.json`;

/** The committed result of an experiment, or null when there is none. @throws Error when it cannot be read */
export function readResult(root: string, name: string): Result | null {
  const file = path.join(root, resultFile(name));
  return existsSync(file) ? parseResult(resultFile(name), readFileSync(file, 'utf8')) : null;
}

/** A result as the text of its file. */
export const formatResult = (result: Result): string => `${JSON.stringify(result, null, 2)}\n`;

/**
 * Compares two results of one experiment by what they show, without what always varies.
 *
 * @returns a unified diff, or null when they show the same
 */
export function compareResults(committed: Result, fresh: Result): string | null {
  const [before, after] = [committed, fresh].map(transcript) as [string, string];
  if (before === after) return null;
  return createTwoFilesPatch('committed', 'run now', before, after, undefined, undefined, {context: 2}).replace(/^=+\n/, '');
}

const transcript = ({title, commands}: Result): string =>
  [
    title,
    ...commands.flatMap(({prompt, command, output, status}) => [
      `${prompt} ${command}`,
      ...(output === '' ? [] : [normalise(output)]),
      ...(status === null || status === 0 ? [] : [`exit status ${status}`]),
    ]),
    '',
  ].join('\n');
