import {describe, expect, it} from 'vitest';

import {HeadlessTerminal} from './headless.ts';

const rows = (terminal: HeadlessTerminal): string[] =>
  Array.from({length: terminal.rows}, (_, y) => terminal.buffer.active.getLine(y)?.translateToString(true) ?? '');

describe('With LNM (VT510 manual, "LNM—Line Feed/New Line Mode")', () => {
  it('a line feed goes to the start of the next line', () => {
    const terminal = new HeadlessTerminal(10, 3);
    terminal.take('\x1b[20hab\ncd\x1b[20l\ne');
    expect(rows(terminal)).toEqual(['ab', 'cd', '  e']);
  });

  it.each([
    ['a full reset', (terminal: HeadlessTerminal) => terminal.take('\x1bc')],
    ['a restart', (terminal: HeadlessTerminal) => terminal.restart(10, 3)],
  ])('%s ends it', (_what, reset) => {
    const terminal = new HeadlessTerminal(10, 3);
    terminal.take('\x1b[20h');
    reset(terminal);
    terminal.take('ab\ncd');
    expect(rows(terminal)).toEqual(['ab', '  cd', '']);
  });
});
