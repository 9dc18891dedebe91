import {expect, test} from 'vitest';
import type {Cast, CastEvent} from '../format/index.ts';
import {buildIndex, posterTime} from './index.ts';

async function posterOf(outputs: readonly [number, string][], rows = 10): Promise<number> {
  const events = outputs.map(([time, data]): CastEvent => ({time, code: 'o', data}));
  const cast: Cast = {header: {version: 3, cols: 20, rows}, events, duration: events.at(-1)?.time ?? 0};
  return posterTime(cast, await buildIndex(cast));
}
const full = (word: string, rows = 10) => Array.from({length: rows}, (_, i) => `\x1b[${i + 1}H${word}`).join('');

test('The poster of a full-screen program is a screen of it, at rest, not what it leaves', async () => {
  expect(
    await posterOf([
      [1, '$ top\r\n'],
      [2, `\x1b[?1049h${full('load')}`],
      [5, full('task')],
      [5.2, full('calm')],
      [9, '\x1b[?1049l$ '],
    ]),
  ).toBe(2);
  expect(
    await posterOf([
      [1, '$ top\r\n'],
      [2, `\x1b[?1049h${full('load')}`],
      [2.1, '\x1b[?1049l$ '],
    ]),
  ).toBe(2);
});

test('That of a screen that was cleared at last is one before', async () => {
  expect(
    await posterOf([
      [1, full('text')],
      [4, '\x1b[2J\x1b[H$ '],
    ]),
  ).toBe(1);
});

test('The end stays the poster where no screen shows much more', async () => {
  expect(
    await posterOf([
      [1, 'one\r\ntwo\r\n'],
      [4, '\x1b[H\x1b[Jthree\r\nfour'],
    ]),
  ).toBe(4);
  expect(
    await posterOf([
      [1, full('text')],
      [4, `\x1b[2J${full('end', 5)}`],
    ]),
  ).toBe(4);
});

test('A recording that fills few of its rows shows the most of them', async () => {
  expect(
    await posterOf(
      [
        [1, full('text', 4)],
        [4, '\x1b[2J\x1b[H$ '],
      ],
      30,
    ),
  ).toBe(1);
});
