import {readFileSync} from 'node:fs';
import path from 'node:path';

import {createTwoFilesPatch} from 'diff';

import {parseResult, type Result} from '../../sessions/result.ts';
import {normalise} from './normalise.ts';
import {resultFile} from './scripts.ts';

/** The committed result of an experiment. @throws Error when it cannot be read */
export function readResult(root: string, name: string): Result {
  const file = path.join(root, resultFile(name, 'experiments'));
  return parseResult(resultFile(name, 'experiments'), readFileSync(file, 'utf8'));
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
