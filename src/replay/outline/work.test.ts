import {afterEach, describe, expect, it, vi} from 'vitest';
import {HeadlessTerminal} from '../../terminal/headless.ts';
import {CastWorkError, type Cast, type CastEvent} from '../format/index.ts';
import {buildIndex, posterTime} from './index.ts';

afterEach(() => vi.restoreAllMocks());

const events = (count: number, data: (i: number) => string, code: CastEvent['code'] = 'o'): CastEvent[] =>
  Array.from({length: count}, (_, i) => ({time: i / 1000, code, data: data(i)}));
const castOf = (list: readonly CastEvent[], cols = 200, rows = 60): Cast => ({
  header: {version: 3, cols, rows},
  events: list,
  duration: list.at(-1)?.time ?? 0,
});
/** Characters that terminals take in from now on. */
function counted(): () => number {
  const take = vi.spyOn(HeadlessTerminal.prototype, 'take');
  return () => take.mock.calls.reduce((sum, [data]) => sum + data.length, 0);
}

describe('A recording that is short to read and long to play', () => {
  it.each<[string, CastEvent[]]>([
    ['20,000 full resets in one event', events(1, () => '\x1bc'.repeat(20_000))],
    ['full resets between other output', events(1, () => '\x1bcx'.repeat(20_000))],
    ['20,000 insertions of all lines', events(1, () => '\x1b[9999L'.repeat(20_000))],
    ['repeats of a cell that holds much', events(1, () => '👩\u200d'.repeat(50_000) + '\x1b[200b')],
    [
      'sequences that are cut apart',
      [...events(1, () => '\x1b'), ...events(1, () => 'c\x1b[9999'), ...events(1, () => 'L\x1bc'.repeat(20_000))],
    ],
  ])('is refused before a terminal takes in the event that is too much: %s', async (_what, list) => {
    const taken = counted();
    await expect(buildIndex(castOf(list))).rejects.toThrow(CastWorkError);
    // To make a terminal takes a few sequences.
    expect(taken()).toBeLessThan(200);
  });

  it('is refused at the event where it is too much, among many', async () => {
    const sizes = events(300, (i) => (i % 2 ? '80x24' : '1000x500'), 'r');
    await expect(buildIndex(castOf(sizes, 80, 24))).rejects.toMatchObject({name: 'CastWorkError', event: 264, time: 0.264});
  });
});

describe('What a recording takes to play decides', () => {
  it('where keyframes are: few characters that clear the screen are as many as much text', async () => {
    const {keyframes} = await buildIndex(castOf(events(1000, () => '\x1b[2Jx')));
    expect(keyframes.length).toBeGreaterThan(5);
  });

  it('how far apart they are on a huge screen, which takes long to read', async () => {
    const list = events(10, () => 'x'.repeat(2 ** 16));
    expect((await buildIndex(castOf(list, 100, 40))).keyframes.length).toBeGreaterThan(5);
    expect((await buildIndex(castOf(list, 1000, 500))).keyframes).toHaveLength(1);
  });
});

it('The poster plays what is before its moments once, however many there are', async () => {
  const heavy = 'x'.repeat(10_000);
  const commands = events(40, (i) => `\x1b]133;A\x07$ \x1b]133;B\x07ls ${i}\x1b]133;C\x07\r\nout\r\n\x1b]133;D;0\x07`);
  const cast = castOf([{time: 0, code: 'o', data: heavy}, ...commands]);
  const index = await buildIndex(cast);
  expect(index.commands).toHaveLength(40);
  const taken = counted();
  posterTime(cast, index);
  expect(taken()).toBeLessThan(heavy.length * 3);
});

it('What commands are read from changes its size when one is read, not with each change', async () => {
  const resize = vi.spyOn(HeadlessTerminal.prototype, 'resize');
  await buildIndex(castOf([...events(50, (i) => `${80 + (i % 2)}x24`, 'r'), ...events(1, () => 'out')], 80, 24));
  const read = resize.mock.contexts.filter((terminal) => (terminal as HeadlessTerminal).options.scrollback);
  expect(read.length).toBeLessThanOrEqual(1);
});
