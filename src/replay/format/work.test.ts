import {afterEach, describe, expect, it, vi} from 'vitest';
import {HeadlessTerminal} from '../../terminal/headless.ts';
import {CastWorkError, WorkBudget, WorkCounter} from './index.ts';

afterEach(() => vi.restoreAllMocks());

const size = {cols: 200, rows: 60};
const workOf = (text: string): number => new WorkCounter(size).output(text);

/** Cells that xterm.js makes again for some output. */
function cellsMade(before: string, text: string): number {
  const terminal = new HeadlessTerminal(size.cols, size.rows);
  terminal.take(before);
  const {normal} = (terminal as unknown as {_core: {buffers: {normal: {getBlankLine(): unknown}}}})._core.buffers;
  const made = vi.spyOn(Object.getPrototypeOf(normal) as typeof normal, 'getBlankLine');
  terminal.take(text);
  const cells = made.mock.calls.length * size.cols;
  made.mockRestore();
  return cells;
}

describe('The work of a sequence', () => {
  it.each([
    ['a full reset', '\x1bc'],
    ['an alternate screen', '\x1b[?1049h'],
    ['an alternate screen among other modes', '\x1b[?25;47;7h'],
    ['60 lines inserted', '\x1b[60L'],
    ['5 lines inserted', '\x1b[5L'],
    ['one line deleted', '\x1b[M'],
    ['60 lines deleted', '\x1b[60M'],
    ['60 lines scrolled up', '\x1b[60S'],
    ['60 lines scrolled down', '\x1b[60T'],
    ['a reverse index', '\x1bM'],
  ])('grows with the cells that it makes again: %s', (_what, sequence) => {
    const cells = cellsMade('', sequence);
    expect(cells).toBeGreaterThan(0);
    expect(workOf(sequence)).toBeGreaterThanOrEqual(cells / 3);
    expect(workOf(sequence)).toBeLessThan(cells);
  });

  it.each([
    ['a cleared screen', '\x1b[2J'],
    ['a selectively cleared screen', '\x1b[?J'],
    ['the alignment pattern', '\x1b#8'],
    ['a scroll to the left', '\x1b[ @'],
    ['an inserted column', "\x1b['}"],
  ])('is a share of the screen where it writes all of it: %s', (_what, sequence) => {
    expect(workOf(sequence)).toBeGreaterThanOrEqual((size.cols * size.rows) / 16);
  });

  it('is no more than its length for colours and movement', () => {
    const text = '\x1b[1;38;5;17mls\x1b[m\x1b[10;20H\x1b[A\x1b7\x1b8\x1b(0\x1b[?25l\x1b[!p\x1b[1049h';
    expect(workOf(text)).toBeLessThan(text.length * 1.1);
  });

  it('is, for REP, what it writes: all that the last cell holds, each time', () => {
    expect(workOf('a\x1b[200b') - workOf('a\x1b[1b')).toBeCloseTo(199, -1);
    const family = '👩\u200d'.repeat(1000);
    expect(workOf(`${family}\x1b[200b`)).toBeGreaterThan(family.length * 200);
    const counter = new WorkCounter(size);
    for (let i = 0; i < 1000; i++) counter.output('👩\u200d');
    expect(counter.output('\x1b[200b')).toBeGreaterThan(family.length * 200);
    expect(workOf(`${family}a\x1b[200b`)).toBeLessThan(family.length * 2);
  });

  it('is more for line feeds while a part of the screen scrolls by itself', () => {
    const feeds = '\n'.repeat(100);
    expect(workOf(`\x1b[2;50r${feeds}`)).toBeGreaterThan(workOf(`\x1b[r${feeds}`) + 100 * 30);
    expect(workOf(`\x1b[2;50r\x1bc${feeds}`)).toBeCloseTo(workOf(`\x1bc${feeds}`), -2);
  });

  it('follows the size, and a new size is work for the larger of both', () => {
    const counter = new WorkCounter({cols: 80, rows: 24});
    const before = counter.output('\x1bc');
    expect(counter.resize({cols: 1000, rows: 500})).toBeGreaterThan(50_000);
    expect(counter.output('\x1bc')).toBeGreaterThan(before * 200);
    expect(counter.resize({cols: 80, rows: 24})).toBeGreaterThan(50_000);
    expect(counter.output('\x1bc')).toBe(before);
  });
});

describe('The budget', () => {
  const spend = (times: number, text: string, {cols, rows} = size): void => {
    const counter = new WorkCounter({cols, rows});
    const budget = new WorkBudget(times * text.length);
    for (let i = 0; i < times; i++) budget.spend(counter.output(text), i, i / 10);
  };

  it.each<[string, number, string]>([
    ['an hour of a clock that clears the screen each second', 3600, '\x1b[H\x1b[2J12:00:00\r\n'],
    ['10 minutes of one that does so ten times a second', 6000, '\x1b[H\x1b[2J\x1b[3J12:00:00\r\n'],
    ['half an hour of one that resets the terminal each second', 1800, '\x1bc12:00:00\r\n'],
    ['50,000 lines that less scrolls back', 50_000, `\x1b[H\x1bM${'x'.repeat(30)}\x1b[K\x1b[60;1H\x1b[K:`],
    ['50,000 lines that vim scrolls back', 50_000, '\x1b[1;59r\x1b[1;1H\x1b[L\x1b[1;60r\x1b[1;1Hline 17\x1b[60;180H17,1\x1b[1;1H'],
    [
      '100,000 steps of the bar of apt',
      100_000,
      '\x1b7\x1b[60;0f\x1b[42mProgress: [ 10%]\x1b[49m [####......]\x1b8\x1b[1;59rUnpacking x\r\n',
    ],
    ['a million lines of a log', 1_000_000, '12:00:00 started\r\n'],
    ['3,000 starts of a full-screen program', 3000, '\x1b[?1049h\x1b[2Jhello\x1b[?1049l'],
  ])('has room for %s', (_what, times, text) => {
    expect(() => spend(times, text)).not.toThrow();
  });

  it('says at which event it is spent, and when', () => {
    const thrown = (): unknown => {
      try {
        return spend(20_000, '\x1bc');
      } catch (error) {
        return error;
      }
    };
    const error = thrown();
    expect(error).toBeInstanceOf(CastWorkError);
    const {event, time, message} = error as CastWorkError;
    expect(event).toBeGreaterThan(1800);
    expect(time).toBe(event / 10);
    expect(message).toMatch(new RegExp(`^event ${event + 1}, at ${time} s: expected .* found .*; cut them out`));
  });
});
