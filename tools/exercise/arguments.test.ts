import {describe, expect, it} from 'vitest';
import {help, parseArguments, UsageError} from './arguments.ts';
import {findName, shortName} from './names.ts';

const names = ['01-1-look', '01-2-leak', '01-last', '02-1-again'];

describe('parseArguments', () => {
  it.each([['01-2-leak'], ['01-2']])('takes %s for the exercise 01-2-leak', (word) => {
    expect(parseArguments([word], names)).toEqual({action: 'start', name: '01-2-leak', share: undefined});
  });

  it('takes a folder to share, or a program to check', () => {
    expect(parseArguments(['01-last', '--share', 'a b'], names)).toEqual({action: 'start', name: '01-last', share: 'a b'});
    expect(parseArguments(['01-last', '--check=./mine'], names)).toEqual({action: 'check', name: '01-last', program: './mine'});
  });

  it('lists and helps without a name', () => {
    expect(parseArguments(['--list'], names)).toEqual({action: 'list'});
    expect(parseArguments(['-h'], names)).toEqual({action: 'help'});
  });

  it.each<[string[], string]>([
    [[], 'which one? There are: 01-1-look, 01-2-leak, 01-last, 02-1-again'],
    [['01-2-leek'], 'no exercise has the name 01-2-leek (did you mean “01-2-leak”?)'],
    [['01-lst'], 'no exercise has the name 01-lst (did you mean “01-last”?)'],
    [['mounts-everywhere'], 'no exercise has the name mounts-everywhere'],
    [['01-1', '01-2'], 'one exercise at a time; 01-1 and 01-2 were named'],
    [['01-1', '--shell'], "Unknown option '--shell'"],
    [['01-1', '--share', 'x', '--check', 'y'], '--check brings its program along by itself'],
    [['01-1', '--share'], "Option '--share <value>' argument missing"],
  ])('refuses %j and says why', (words, message) => {
    expect(() => parseArguments(words, names)).toThrow(message);
    expect(() => parseArguments(words, names)).toThrow(UsageError);
  });

  it('tells of every option and of every command in the machine', () => {
    for (const option of ['--share', '--check', '--list']) expect(help).toContain(` ${option}`);
    for (const command of ['check', 'hint', 'solution', 'task', 'exit']) expect(help).toContain(`\n  ${command} `);
  });
});

describe('names', () => {
  it('are short by chapter and number', () => {
    expect(names.map(shortName)).toEqual(['01-1', '01-2', '01-last', '02-1']);
  });

  it('are found by either form alone', () => {
    expect(findName(names, '02-1')).toBe('02-1-again');
    expect(() => findName(names, '02')).toThrow('no exercise has the name 02');
  });
});
