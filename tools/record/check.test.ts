import {describe, expect, it} from 'vitest';

import type {Cast, CastEvent} from '../../src/replay/format/index.ts';
import {compareCasts, stepTexts} from './check.ts';
import {normalise} from './normalise.ts';

const prompt = '\x1b]133;A\x07host:~# \x1b]133;B\x07';

/** A recording of commands and what each printed, with a caption each. */
function castOf(...steps: [caption: string, command: string, output: string][]): Cast {
  const events: CastEvent[] = [{time: 0, code: 'o', data: prompt}];
  for (const [caption, command, output] of steps) {
    events.push(
      {time: 0, code: 'm', data: caption},
      {time: 0, code: 'o', data: `${command}\r\n`},
      {time: 0, code: 'o', data: output + prompt},
    );
  }
  return {header: {version: 3, cols: 40, rows: 10, title: 'A test'}, events, duration: 0};
}

describe('stepTexts', () => {
  it('gives each step its prompt, its command and its output', async () => {
    expect(await stepTexts(castOf(['One.', 'echo a', 'a\r\n'], ['Two.', 'true', '']))).toEqual([
      {caption: 'One.', text: 'host:~# echo a\na'},
      {caption: 'Two.', text: 'host:~# true\nhost:~# '},
    ]);
  });
});

describe('normalise', () => {
  it.each([
    ['uts:[4026531838]', 'uts:[NAMESPACE]'],
    ['pid_for_children:[4026532180]', 'pid_for_children:[NAMESPACE]'],
    ['4026532178 uts       4', 'NAMESPACE uts 4'],
    ['     31 pts/0    00:00:00 sleep', 'PID TTY TIME sleep'],
    ['      1 pts/3    00:00:00 bash', ' 1 TTY TIME bash'],
    ['      1 hvc0     00:00:00 bash', ' 1 TTY TIME bash'],
    ['31', 'PID'],
    ['1', '1'],
    ['[1] 4711', '[1] PID'],
    ['NSpid:\t31\t1', 'NSpid:\tPID\t1'],
    ['sleep NSpid:\t31\t6', 'sleep NSpid:\tPID\tPID'],
    ['init NSpid:\t1', 'init NSpid:\t1'],
    ['/proc/31/comm:sleep', '/proc/PID/comm:sleep'],
    ['/proc/1/comm:init', '/proc/1/comm:init'],
    ['50 main.go', '50 main.go'],
  ])('%s → %s', (text, expected) => {
    expect(normalise(text)).toBe(expected);
  });
});

describe('compareCasts', () => {
  it('sees no difference in what always varies', async () => {
    const [before, after] = ['4026532178', '4026532999'].map((number) => castOf(['Look.', 'readlink x', `uts:[${number}]\r\n`]));
    expect(await compareCasts(before!, after!)).toBeNull();
  });

  it('shows a changed output in its step', async () => {
    const diff = await compareCasts(castOf(['Look.', 'hostname', 'sheep\r\n']), castOf(['Look.', 'hostname', 'wolf\r\n']));
    expect(diff).toContain('--- committed\n+++ recorded now\n');
    expect(diff).toContain(' host:~# hostname\n-sheep\n+wolf\n');
  });

  it('sees a changed caption and a changed size', async () => {
    const cast = castOf(['Look.', 'hostname', 'sheep\r\n']);
    expect(await compareCasts(cast, castOf(['See.', 'hostname', 'sheep\r\n']))).toContain('-— step 1: Look.\n+— step 1: See.\n');
    expect(await compareCasts(cast, {...cast, header: {...cast.header, cols: 60}})).toContain('+A test (60 × 10)');
  });
});
