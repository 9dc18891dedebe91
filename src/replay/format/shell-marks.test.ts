import {expect, test} from 'vitest';
import {parseShellMark, shellMarksIn} from './shell-marks.ts';

test.each([
  ['133;A', {kind: 'A'}],
  ['133;A;cl=m', {kind: 'A'}],
  ['133;D;7', {kind: 'D', status: 7}],
  ['133;D', {kind: 'D'}],
  ['133;D;', {kind: 'D'}],
  ['133;E', null],
  ['0;a title', null],
])('%s', (payload, mark) => {
  expect(parseShellMark(payload)).toEqual(mark);
});

test('marks are found between other output, with either terminator', () => {
  const output = 'x\u001B]0;title\u0007\u001B]133;A\u0007$ \u001B]133;D;1\u001B\\';
  expect(shellMarksIn(output)).toEqual([
    {kind: 'A', start: 11, end: 19},
    {kind: 'D', status: 1, start: 21, end: 32},
  ]);
});
