import {expect, it} from 'vitest';
import {table} from './table.ts';

it('aligns the first column to the left and the others to the right', () => {
  expect(
    table([
      ['page', 'KB'],
      ['landing', '9.1'],
      ['post', '120.0'],
    ]),
  ).toBe(['| page    |    KB |', '| ------- | ----: |', '| landing |   9.1 |', '| post    | 120.0 |'].join('\n'));
});
