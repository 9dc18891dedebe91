import {describe, expect, it} from 'vitest';

import type {Cast, CastEvent} from '../format/index.ts';
import {twoCommands} from './fake.ts';
import {findMatches, maxMatches, type Match} from './search.ts';
import {SeenReader} from './seen.ts';

type Output = [time: number, data: string, code?: CastEvent['code']];

function castOf(outputs: readonly Output[], cols = 40, rows = 4): Cast {
  const events = outputs.map(([time, data, code = 'o']) => ({time, code, data}));
  return {header: {version: 3, cols, rows}, events, duration: events.at(-1)?.time ?? 0};
}

function find(query: string, cast: Cast): {matches: Match[]; total: number} {
  const reader = new SeenReader(cast);
  reader.read(() => true);
  return findMatches(query, reader.lines);
}
const found = (query: string, ...outputs: Output[]) => find(query, castOf(outputs)).matches.map(({line, time}) => [line, time]);

describe('A search', () => {
  const {cast} = twoCommands;

  it('finds commands and output, whatever the case, in order', () => {
    const {matches, total} = find('MEADOW', cast);
    expect(total).toBe(2);
    expect(matches.map(({line, at}) => [line, at])).toEqual([
      ['meadow', 0],
      ['entered Meadow twice', 8],
    ]);
  });

  it('knows when the text came into view, though an escape sequence was split between events', () => {
    expect(find('meadow', cast).matches.map(({time}) => time)).toEqual([2.5, 13]);
    expect(find('unshare', cast).matches.map(({line, time}) => [line, time])).toEqual([['$ unshare --uts', 12]]);
  });

  it('tells equal lines apart', () => {
    expect(found('tick', [1, 'tick\r\n'], [2, 'tick\r\n'], [3, 'tick\r\n'])).toEqual([
      ['tick', 1],
      ['tick', 2],
      ['tick', 3],
    ]);
  });

  it('finds a full-screen program and what is gone at the end', () => {
    expect(found('needle', [0.1, '\x1b[?1049h\x1b[Hneedle'], [2, '\x1b[?1049l$ '])).toEqual([['needle', 0.1]]);
    expect(found('needle', [0.1, 'needle'], [1, '\x1b[2J\x1b[Hother'])).toEqual([['needle', 0.1]]);
    expect(found('needle', [0.1, 'needle'], [1, '\r\x1b[K'])).toEqual([['needle', 0.1]]);
  });

  it('finds text that was drawn in pieces, out of order', () => {
    expect(found('cdab', [1, '\x1b[1;3Hab'], [2, '\x1b[Hcd'])).toEqual([['cdab', 2]]);
  });

  it('finds a line that the terminal wrapped', () => {
    expect(find('abcdef', castOf([[1, 'xxxabcdef']], 5)).matches).toEqual([{line: 'xxxabcdef', at: 3, time: 1}]);
  });

  it('finds wide characters and clusters', () => {
    expect(found('👩\u{200d}🌾 羊', [1, '🚀 👩\u{200d}🌾 羊'])).toEqual([['🚀 👩\u{200d}🌾 羊', 1]]);
  });

  it('takes a line that is typed, scrolls and is typed on for one', () => {
    const typed = Array.from('ls -la', (letter, i): Output => [1 + i, letter]);
    expect(found('ls', [0, '\r\n\r\n\r\n$ '], ...typed, [9, 'h\r\nfile\r\n$ '], [10, 'ls'])).toEqual([
      ['$ ls -lah', 2],
      ['$ ls', 10],
    ]);
  });

  it('finds each line that ran through in one piece, and after any amount of output', () => {
    const lines = Array.from({length: 9000}, (_, i) => `line ${i} ${'x'.repeat(30)}\r\n`);
    expect(found('line 17 ', [1, lines.join('')]).length).toBe(1);
    expect(found('needle', [1, lines.join('')], [2, 'needle'])).toEqual([['needle', 2]]);
  });

  it('follows a change of size', () => {
    expect(found('needle', [1, '20x2', 'r'], [2, '\x1b[2;15Hneedle'])).toEqual([[`${' '.repeat(14)}needle`, 2]]);
  });

  it('finds nothing for nothing', () => {
    expect(find('  ', cast)).toEqual({matches: [], total: 0});
    expect(find('absent', cast)).toEqual({matches: [], total: 0});
  });

  it('counts all and lists a bounded number', () => {
    const output = Array.from({length: 1000}, (_, i) => `line ${i}\r\n`).join('');
    const {matches, total} = find('line', castOf([[1, output]]));
    expect(total).toBe(1000);
    expect(matches.length).toBe(maxMatches);
  });

  it('can be read in slices', () => {
    const reader = new SeenReader(
      castOf([
        [1, 'one'],
        [2, 'two'],
        [3, 'three'],
      ]),
    );
    reader.read(() => false);
    expect([reader.done, reader.time, findMatches('one', reader.lines).total]).toEqual([false, 1, 1]);
    while (!reader.done) reader.read(() => false);
    expect(findMatches('three', reader.lines).total).toBe(1);
  });
});
