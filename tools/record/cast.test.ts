import {describe, expect, it} from 'vitest';

import {parseCast} from '../../src/replay/format/index.ts';
import {formatCast, mergeEvents} from './cast.ts';

const facts = {
  title: 'A test',
  cols: 80,
  rows: 24,
  timestamp: 1_780_000_000,
  tags: ['chapter-1'],
  env: {SHELL: '/bin/bash', TERM: 'xterm-256color'},
  kernel: '6.12.0',
  commit: '0123456789ab',
};

describe('formatCast', () => {
  it('writes what the parser of the site reads', () => {
    const text = formatCast(facts, [
      {time: 0, code: 'o', data: '$ '},
      {time: 1200.4, code: 'm', data: 'A caption: “quoted”.'},
      {time: 1500, code: 'o', data: 'ls\r\n'},
    ]);
    const cast = parseCast(text, 'test.cast');
    expect(cast.header).toMatchObject({version: 3, cols: 80, rows: 24, title: 'A test', timestamp: 1_780_000_000, tags: ['chapter-1']});
    expect(cast.events).toEqual([
      {time: 0, code: 'o', data: '$ '},
      {time: 1.2, code: 'm', data: 'A caption: “quoted”.'},
      {time: 1.5, code: 'o', data: 'ls\r\n'},
    ]);
  });

  it('says in the header which kernel and which commit were recorded', () => {
    expect(JSON.parse(formatCast(facts, []).split('\n')[0]!)).toMatchObject({'x-sheep': {kernel: '6.12.0', commit: '0123456789ab'}});
  });

  it('does not let the rounding of intervals add up', () => {
    const events = Array.from({length: 1000}, (_, index) => ({time: index * 10.4, code: 'm' as const, data: 'x'}));
    expect(parseCast(formatCast(facts, events), 'test.cast').duration).toBeCloseTo(10.39, 3);
  });
});

describe('mergeEvents', () => {
  it('joins outputs less than 5 ms after the first, so that a stream keeps its pace', () => {
    const events = [0, 3, 4.9, 6, 10].map((time) => ({time, code: 'o' as const, data: `${time} `}));
    expect(mergeEvents(events)).toEqual([
      {time: 0, code: 'o', data: '0 3 4.9 '},
      {time: 6, code: 'o', data: '6 10 '},
    ]);
  });

  it('joins nothing over a marker', () => {
    const events = [
      {time: 0, code: 'o' as const, data: 'a'},
      {time: 1, code: 'm' as const, data: 'caption'},
      {time: 2, code: 'o' as const, data: 'b'},
    ];
    expect(mergeEvents(events)).toEqual(events);
  });
});
