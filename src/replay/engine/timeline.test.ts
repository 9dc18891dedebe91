import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Timeline} from './timeline.ts';

test('Without a limit both times are the same', () => {
  const timeline = new Timeline([1, 5, 30], 30, Infinity);
  for (const time of [0, 0.5, 1, 17, 30]) {
    expect(timeline.toShown(time)).toBe(time);
    expect(timeline.toRecorded(time)).toBe(time);
  }
  expect(timeline.length).toBe(30);
});

test('A long pause takes as long as the limit and runs evenly through what it leaves out', () => {
  const timeline = new Timeline([1, 1.5, 11.5], 12, 2);
  expect(timeline.length).toBe(1 + 0.5 + 2 + 0.5);
  expect(timeline.toShown(1.5)).toBe(1.5);
  expect(timeline.toShown(6.5)).toBe(2.5);
  expect(timeline.toRecorded(2.5)).toBe(6.5);
  expect(timeline.toShown(11.5)).toBe(3.5);
  expect(timeline.toShown(12)).toBe(4);
});

test('The pause before the first event is a pause like the others', () => {
  expect(new Timeline([60], 60, 1).length).toBe(1);
});

test('An empty recording takes no time', () => {
  const timeline = new Timeline([], 0, 1);
  expect([timeline.length, timeline.toShown(5), timeline.toRecorded(5)]).toEqual([0, 0, 0]);
});

describe('For any recording and limit', () => {
  const times = fc.array(fc.double({min: 0, max: 1e4, noNaN: true}), {maxLength: 30}).map((all) => all.sort((a, b) => a - b));
  const limit = fc.double({min: 0.01, max: 1e3, noNaN: true});

  test('both times grow together and lead to each other', () => {
    fc.assert(
      fc.property(
        times,
        limit,
        fc.double({min: 0, max: 1, noNaN: true}),
        fc.double({min: 0, max: 1, noNaN: true}),
        (moments, idle, a, b) => {
          const duration = moments.at(-1) ?? 0;
          const timeline = new Timeline(moments, duration, idle);
          const [early, late] = [Math.min(a, b) * duration, Math.max(a, b) * duration];
          expect(timeline.toShown(early)).toBeLessThanOrEqual(timeline.toShown(late) + 1e-9);
          expect(timeline.toShown(late)).toBeLessThanOrEqual(late + 1e-9);
          expect(timeline.toRecorded(timeline.toShown(late))).toBeCloseTo(late, 4);
        },
      ),
    );
  });

  test('no pause is shown longer than the limit', () => {
    fc.assert(
      fc.property(times, limit, (moments, idle) => {
        const timeline = new Timeline(moments, moments.at(-1) ?? 0, idle);
        for (const [i, time] of moments.entries()) {
          expect(timeline.toShown(time) - timeline.toShown(moments[i - 1] ?? 0)).toBeLessThanOrEqual(idle * (1 + 1e-9) + 1e-9);
        }
      }),
    );
  });
});
