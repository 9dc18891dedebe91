import {describe, expect, it} from 'vitest';

import {keystrokes, randomFrom, restFor} from './typing.ts';

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

describe('typing', () => {
  it('is the same every time for the same name, and another for another', () => {
    const text = 'unshare --pid --fork bash';
    expect(keystrokes(text, randomFrom('a'))).toEqual(keystrokes(text, randomFrom('a')));
    expect(keystrokes(text, randomFrom('a'))).not.toEqual(keystrokes(text, randomFrom('b')));
  });

  it('presses one key for each character, those outside of the basic plane too', () => {
    expect(keystrokes('a 🐑\x03', randomFrom('keys')).map(({key}) => key)).toEqual(['a', ' ', '🐑', '\x03']);
  });

  it('takes a typist’s time: 85 ms for a letter in the median, never less than 25 or more than 400', () => {
    const delays = keystrokes('e'.repeat(5000), randomFrom('letters')).map(({delay}) => delay);
    expect(median(delays)).toBeGreaterThan(80);
    expect(median(delays)).toBeLessThan(90);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(25);
    expect(Math.max(...delays)).toBeLessThanOrEqual(400);
  });

  it('is slower at signs than at letters', () => {
    const medianOf = (key: string): number => median(keystrokes(key.repeat(2000), randomFrom('signs')).map(({delay}) => delay));
    expect(medianOf('$')).toBeGreaterThan(medianOf('-'));
    expect(medianOf('-')).toBeGreaterThan(medianOf('e'));
  });

  it('rests longer after more to read, within bounds', () => {
    const rest = (lines: number): number => restFor(lines, () => 0.5);
    expect(rest(0)).toBeCloseTo(0.5);
    expect(rest(10)).toBeGreaterThan(rest(2));
    expect(rest(1000)).toBeCloseTo(2.5);
  });

  it('draws evenly from 0 up to 1', () => {
    const random = randomFrom('even');
    const numbers = Array.from({length: 10_000}, random);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1);
  });
});
