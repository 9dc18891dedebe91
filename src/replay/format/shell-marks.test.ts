import {expect, test} from 'vitest';
import {parseShellMark, shellMarksIn} from './shell-marks.ts';

test.each([
  ['133;A', {kind: 'A'}],
  ['133;A;cl=m', {kind: 'A'}],
  ['133;D;7', {kind: 'D', status: 7}],
  ['133;D', {kind: 'D'}],
  ['133;D;', {kind: 'D'}],
  ['133;E', null],
  ['133;N', {kind: 'A'}],
  ['133;I', {kind: 'B'}],
  ['133;A;k=i', {kind: 'A'}],
  ['133;A;k=s', null],
  ['133;A;cl=m;k=c', null],
  ['133;C', {kind: 'C'}],
  // https://sw.kovidgoyal.net/kitty/shell-integration/ ("Notes for shell developers")
  ['133;C;cmdline_url=echo%20hi%3B%20ls', {kind: 'C', command: 'echo hi; ls'}],
  ['133;C;cmdline_url=a%0Ab', {kind: 'C', command: 'a\nb'}],
  ['133;C;cmdline_url=a%1B%5B31mb', {kind: 'C', command: 'ab'}],
  ['133;C;cmdline_url=%', {kind: 'C'}],
  ['133;C;cmdline=echo\\ a\\;b', {kind: 'C', command: 'echo a;b'}],
  ["133;C;cmdline=$'a\\nb'", {kind: 'C'}],
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
