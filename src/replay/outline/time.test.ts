import {describe, expect, it} from 'vitest';

import {formatTime} from './time.ts';

describe('formatTime', () => {
  it.each([
    [0, '0:00'],
    [7.99, '0:07'],
    [754, '12:34'],
    [3723, '1:02:03'],
    [-1, '0:00'],
  ])('shows %s seconds as %s', (seconds, text) => expect(formatTime(seconds)).toBe(text));
});
