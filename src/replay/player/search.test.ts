// @vitest-environment jsdom
import {describe, expect, it} from 'vitest';

import {twoCommands} from './fake.ts';
import {findMatches, maxMatches} from './search.ts';

const {cast, index} = twoCommands;

describe('findMatches', () => {
  it('finds commands and output, whatever the case, in order', () => {
    const {matches, total} = findMatches('MEADOW', cast, index);
    expect(total).toBe(2);
    expect(matches.map(({line, at}) => [line, at])).toEqual([
      ['meadow', 0],
      ['entered Meadow twice', 8],
    ]);
  });

  it('knows when a line was complete, though an escape sequence was split between events', () => {
    expect(findMatches('meadow', cast, index).matches.map(({time}) => time)).toEqual([2.5, 13.5]);
    expect(findMatches('unshare', cast, index).matches.map(({time}) => time)).toEqual([12]);
  });

  it('tells equal lines of one command apart', () => {
    const tick = (time: number) => ({time, code: 'o', data: 'tick\r\n'}) as const;
    const ticking = {...cast, events: [tick(1), tick(2), tick(3)]};
    const command = {promptTime: 0, time: 0.5, end: 4, text: 'watch', output: 'tick\ntick\ntick'};
    expect(findMatches('tick', ticking, {commands: [command]}).matches.map(({time}) => time)).toEqual([1, 2, 3]);
  });

  it('falls back to the end of the command for text that was drawn in pieces', () => {
    const drawn = {...cast, events: [{time: 1, code: 'o', data: 'ab\x1b[Hcd\x1b[3Gab'} as const]};
    const command = {promptTime: 0, time: 0.5, end: 4, text: 'top', output: 'cdab'};
    expect(findMatches('cdab', drawn, {commands: [command]}).matches[0]?.time).toBe(1);
    expect(findMatches('cdab', {...drawn, events: []}, {commands: [command]}).matches[0]?.time).toBeCloseTo(3.999);
  });

  it('searches what was printed when there are no commands', () => {
    const {matches} = findMatches('meadow', cast, {commands: []});
    expect(matches.map(({line, time}) => [line, time])).toEqual([
      ['meadow', 2.5],
      ['entered Meadow twice', 13.5],
    ]);
  });

  it('finds nothing for nothing', () => {
    expect(findMatches('  ', cast, index)).toEqual({matches: [], total: 0});
    expect(findMatches('absent', cast, index)).toEqual({matches: [], total: 0});
  });

  it('counts all and lists a bounded number', () => {
    const output = Array.from({length: 1000}, (_, i) => `line ${i}`).join('\n');
    const {matches, total} = findMatches('line', cast, {commands: [{promptTime: 0, time: 0, end: 1, text: 'seq', output}]});
    expect(total).toBe(1000);
    expect(matches.length).toBe(maxMatches);
  });
});
