import {spawnSync} from 'node:child_process';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {loadExercise, scriptNames} from '../record/scripts.ts';
import {insideFiles, library, unindent} from './inside.ts';
import {shortName, takesProgram} from './names.ts';

const root = path.resolve(import.meta.dirname, '../..');
const names = scriptNames(root, 'exercises');

/** What bash finds wrong with a script without running it. */
const syntaxErrors = (script: string): string => spawnSync('bash', ['-n'], {input: script, encoding: 'utf8'}).stderr;

it('sees an error of syntax', () => {
  expect(syntaxErrors('if true; then')).not.toBe('');
});

// Quick checks that need no machine. Whether a check judges rightly is for the stage sessions of npm test.
describe.each(names)('exercise %s', (name) => {
  it('is called after its chapter and its place in it', () => {
    expect(name).toMatch(/^\d{2}-(?:[1-9]-[a-z][a-z-]*|last)$/);
  });

  it('has scripts that bash and sh can read', async () => {
    const exercise = await loadExercise(root, name);
    const files = insideFiles(exercise, 'shown\n');
    const inside = Object.entries(files).filter(([file]) => /\/bin\/|\/(?:check|set-up)$/.test(file));
    expect(inside).toHaveLength(6);
    const attempts = takesProgram(exercise)
      ? [...exercise.others, ...(exercise.attempts ?? []).map(({program}) => program)].filter((text) => !text.startsWith('./'))
      : [exercise.solution, ...(exercise.attempts ?? []).map(({run}) => run)];
    for (const script of [...inside.map(([, {content}]) => content), ...attempts.map(unindent)])
      expect(syntaxErrors(script), script).toBe('');
  });

  it('tells whoever does it of check, and of check alone where it takes no program', async () => {
    const exercise = await loadExercise(root, name);
    const task = insideFiles(exercise, '')['/usr/local/bin/task']?.content;
    expect(task).toContain(takesProgram(exercise) ? '  check PATH  ' : '  check       ');
  });
});

it('has one short name for each exercise', () => {
  expect(new Set(names.map(shortName)).size).toBe(names.length);
});

describe('insideFiles', () => {
  const exercise = {
    kind: 'observe',
    title: 'Look',
    task: 'Look around.',
    check: '    [ -e /x ] ||\n      missing "There is no /x."\n',
    undone: /no/,
    hints: ['first', 'second'],
    solution: 'touch /x',
  } as const;
  const files = insideFiles({...exercise, hints: [...exercise.hints]}, 'touch /x\n');

  it('numbers the hints, and lets whoever asks count them', () => {
    expect(files[`${library}/hints/2`]?.content).toBe('second\n');
    expect(files[`${library}/given`]).toEqual({content: '0\n', mode: 0o666});
  });

  it('makes a check that fails and says why when something is missing, and else passes', () => {
    const run = (script: string) => spawnSync('bash', [], {input: script, encoding: 'utf8'});
    const check = files[`${library}/check`]?.content ?? '';
    expect(run(check.replace('/x', '/no/such/file'))).toMatchObject({status: 1, stdout: '- There is no /x.\n'});
    expect(run(check.replace('/x', '/'))).toMatchObject({status: 0, stdout: ''});
  });
});

describe('unindent', () => {
  it('takes the indentation of all lines, and empty lines around', () => {
    expect(unindent('\n    a\n      b\n\n    c\n  ')).toBe('a\n  b\n\nc\n');
  });

  it('leaves a script alone whose last line begins at the margin', () => {
    expect(unindent('\n  a\nEND\n')).toBe('  a\nEND\n');
  });
});
