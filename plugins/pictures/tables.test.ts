// @vitest-environment jsdom
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {parseResult, type Result} from '../../sessions/result.ts';
import {ProblemsError} from '../markdown/problems.ts';
import type {Source} from './columns.ts';
import {matrixHtml, parseMatrix} from './matrix.ts';
import {parseRulers, rulersHtml} from './rulers.ts';

const file = 'static/experiments/made-up.json';

/** Where a made-up result was read. */
const sourceOf = (result: Result): Source => ({file, text: JSON.stringify(result, null, 2), result});

/** A result whose commands printed these outputs. */
const printed = (...outputs: string[]): Source =>
  sourceOf({
    title: 'Made up',
    kernel: '6.1.0',
    date: '2026-06-01',
    commands: outputs.map((output) => ({prompt: '#', command: 'look', output, status: 0})),
  });

/** The committed result of an experiment. */
const committed = (name: string): Source => {
  const from = `static/experiments/${name}.json`;
  const text = readFileSync(path.resolve(import.meta.dirname, '../..', from), 'utf8');
  return {file: from, text, result: parseResult(from, text)};
};

const tableOf = (html: string): HTMLTableElement => new DOMParser().parseFromString(html, 'text/html').querySelector('table')!;
const cellsOf = (row: HTMLTableRowElement): string[] => [...row.querySelectorAll('td')].map(({textContent}) => textContent);

/** What is said of a mistake. */
function problemsOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
  return '';
}

const two = printed('a uts:[4026531838]\na net:[4026531840]', 'b uts:[4026532172]\nb net:[4026531840]');

describe('parseMatrix', () => {
  it('reads processes, kinds and numbers from lines of readlink, among lines of other commands', () => {
    const {processes, rows} = parseMatrix(printed('Linux', ...two.result.commands.map(({output}) => output)));
    expect(processes).toEqual([
      {place: null, name: 'a'},
      {place: null, name: 'b'},
    ]);
    expect(rows).toEqual([
      {kind: 'uts', numbers: ['4026531838', '4026532172']},
      {kind: 'net', numbers: ['4026531840', '4026531840']},
    ]);
  });

  it.each<[string, Source, string]>([
    [
      'a line that cannot be read, by its line',
      printed('', 'a uts:[x]\nb uts:[1]'),
      `${file}:15: command 2, look: cannot be read: "a uts:[x]"`,
    ],
    ['a line without a label', printed(' uts:[1]\nb uts:[2]'), 'cannot be read: " uts:[1]"'],
    ['an unknown kind', printed('a utz:[1]\nb utz:[2]'), 'no kind of namespace is called “utz”; there are uts, pid'],
    ['a process that lacks a kind', printed('a uts:[1]\na net:[2]\nb uts:[1]'), '“b” has no namespace of the kind net, and others have'],
    ['a process with two', printed('a uts:[1]\na uts:[2]\nb uts:[2]'), '“a” has two namespaces of the kind uts'],
    ['output without a matrix', printed('hello'), 'a matrix compares two processes or more'],
  ])('refuses %s', (_, source, problem) => {
    expect(problemsOf(() => parseMatrix(source))).toContain(problem);
  });
});

describe('matrixHtml', () => {
  it('gives equal numbers of a row an equal mark, and different ones different marks', () => {
    for (const row of tableOf(matrixHtml(parseMatrix(committed('01-matrix')), 'c')).tBodies[0]!.rows) {
      const cells = [...row.querySelectorAll('td')].map((cell) => ({
        mark: cell.querySelector('b')!.textContent,
        colour: /\bm\d\b/.exec(cell.className)![0],
        number: /\d+$/.exec(cell.textContent)![0],
      }));
      for (const one of cells) {
        for (const other of cells) {
          expect(one.mark === other.mark, `${one.number} ${other.number}`).toBe(one.number === other.number);
          expect(one.colour === other.colour).toBe(one.number === other.number);
        }
      }
    }
  });

  it('says each number in full, and marks what all begin with', () => {
    const table = tableOf(matrixHtml(parseMatrix(two), 'c'));
    expect(cellsOf(table.tBodies[0]!.rows[0]!)).toEqual(['A 4026531838', 'B 4026532172']);
    expect(new Set([...table.querySelectorAll('i')].map(({textContent}) => textContent))).toEqual(new Set(['402653']));
  });

  it('joins neighbours that are equal, and no others', () => {
    const table = tableOf(matrixHtml(parseMatrix(two), 'c'));
    const joined = [...table.tBodies[0]!.rows].map((row) =>
      [...row.querySelectorAll('td')].map(({classList}) => classList.contains('joined')),
    );
    expect(joined).toEqual([
      [false, false],
      [false, true],
    ]);
  });

  it('is a table with a caption, heads of rows and columns, and places over their processes', () => {
    const table = tableOf(matrixHtml(parseMatrix(printed('x: a uts:[1]', 'x: b uts:[1]', 'y: c uts:[2]')), 'A <caption>'));
    expect(table.caption?.textContent).toBe('A <caption>');
    const heads = [...table.tHead!.querySelectorAll('th')].map((head) => `${head.textContent} ${head.scope} ${head.colSpan}`);
    expect(heads).toEqual(['x colgroup 2', 'y colgroup 1', 'a col 1', 'b col 1', 'c col 1']);
    expect([...table.tBodies[0]!.querySelectorAll('th')].map(({scope, textContent}) => `${scope} ${textContent}`)).toEqual([
      'row uts hostname',
    ]);
  });
});

describe('the experiment of chapter 1', () => {
  it('has the eight kinds, of which the container has five to itself', () => {
    const {rows} = parseMatrix(committed('01-matrix'));
    const own = (numbers: string[]): boolean => numbers[0] === numbers[1] && numbers[2] === numbers[3] && numbers[0] !== numbers[2];
    expect(rows.map(({kind}) => kind)).toEqual(['uts', 'pid', 'mnt', 'net', 'ipc', 'user', 'cgroup', 'time']);
    expect(rows.filter(({numbers}) => own(numbers)).map(({kind}) => kind)).toEqual(['uts', 'pid', 'mnt', 'net', 'ipc']);
    expect(rows.filter(({numbers}) => new Set(numbers).size === 1).map(({kind}) => kind)).toEqual(['user', 'cgroup', 'time']);
  });

  it('ran in the initial namespaces, whose numbers are fixed', () => {
    const {rows} = parseMatrix(committed('01-matrix'));
    // PROC_UTS_INIT_INO and PROC_PID_INIT_INO of the kernel's include/linux/proc_ns.h
    expect(rows[0]?.numbers[0]).toBe(String(0xef_ff_ff_fe));
    expect(rows[1]?.numbers[0]).toBe(String(0xef_ff_ff_fc));
  });
});

describe('rulers', () => {
  it('show a number outside and inside, a dash that is told where there is none, and who sees how many', () => {
    const rulers = parseRulers(printed('init NSpid:     1', 'sh NSpid:\t222\t1'));
    const table = tableOf(rulersHtml(rulers, 'c', ['outside', 'inside']));
    expect([...table.tBodies[0]!.rows].map(cellsOf)).toEqual([
      ['1', '– no number'],
      ['222', '1'],
    ]);
    expect([...table.tHead!.querySelectorAll('th')].map(({textContent}) => textContent)).toEqual([
      'outside sees all 2',
      'inside sees 1 of 2',
    ]);
    expect([...table.querySelectorAll('tbody th')].map((head) => head.getAttribute('scope'))).toEqual(['row', 'row']);
  });

  it.each<[string, Source, string]>([
    ['a line that cannot be read, by its line', printed('sh NSpid:'), `${file}:9: command 1, look: cannot be read: "sh NSpid:"`],
    ['processes of one namespace', printed('init NSpid: 1\nsh NSpid: 2'), 'two rulers need a process with two numbers'],
    ['two processes of one name', printed('sh NSpid: 1 2\nsh NSpid: 3'), 'two processes are called “sh”'],
  ])('refuse %s', (_, source, problem) => {
    expect(problemsOf(() => parseRulers(source))).toContain(problem);
  });

  it('are read from the experiment of chapter 1, with process 1 inside', () => {
    const {processes} = parseRulers(committed('01-rulers'));
    expect(processes.find(({name}) => name === 'sh')?.numbers).toEqual([expect.stringMatching(/^\d\d+$/), '1']);
  });
});
