import {parseArgs} from 'node:util';

import {findName} from './names.ts';

/** What the command line asks for. */
export type Request =
  | {readonly action: 'help'}
  | {readonly action: 'list'}
  | {
      readonly action: 'start';
      /** Name of the exercise. */
      readonly name: string;
      /** Folder to bring along as /share. */
      readonly share?: string;
    }
  | {
      readonly action: 'check';
      readonly name: string;
      /** Path of the program to be checked. */
      readonly program: string;
    };

export const help = `Start an exercise in the project's virtual machine.

  npm run exercise -- NAME                 a shell in which the exercise is set up
  npm run exercise -- NAME --share DIR     the same with a copy of DIR as /share: bring your program along
  npm run exercise -- NAME --check PATH    no shell: checks the program PATH, and ends with status 0 when it is right
  npm run exercise -- --list               all exercises

NAME is as the page has it, such as 01-2-leak, or its beginning, 01-2. In the machine

  check       reports whether it is done, and if not what is missing
  hint        gives the next hint
  solution    shows the solution
  task        shows the task again
  exit        leaves

Exercises that ask for a program have the command check PATH. Any program will do, in any language: it is judged by
what it prints and how it ends. Build it here, for Linux, as there is no compiler in the machine; bring all that it loads
along, or link it statically. What you leave in /share is in DIR after exit; all else is gone.

The machine takes QEMU (npm run vm -- --doctor says what is missing); the programs of the series take Go.
`;

/** A mistake in how the command was called. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Reads the words after `npm run exercise --`.
 *
 * @param names of all exercises
 * @throws UsageError that says what is wrong
 */
export function parseArguments(words: readonly string[], names: readonly string[]): Request {
  try {
    const {values, positionals} = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        list: {type: 'boolean'},
        share: {type: 'string'},
        check: {type: 'string'},
        help: {type: 'boolean', short: 'h'},
      },
    });
    if (values.help) return {action: 'help'};
    if (values.list) return {action: 'list'};
    const [word, ...more] = positionals;
    if (word === undefined) throw new Error(`which one? There are: ${names.join(', ')}`);
    if (more.length > 0) throw new Error(`one exercise at a time; ${word} and ${more.join(', ')} were named`);
    const name = findName(names, word);
    if (values.check === undefined) return {action: 'start', name, share: values.share};
    if (values.share !== undefined) throw new Error('--check brings its program along by itself; leave --share out');
    return {action: 'check', name, program: values.check};
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
