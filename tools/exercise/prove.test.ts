import {describe, expect, it} from 'vitest';
import {library} from './inside.ts';
import {judge, proofHash, type Proof} from './prove.ts';

describe('judge', () => {
  const answer = (status: number, output: string) => ({status, output});

  it('has nothing against a check that says what it has to', () => {
    expect(judge(/no file/, answer(1, 'Not done yet:\n- There is no file.\n'))).toBeNull();
    expect(judge(null, answer(0, 'Done.\n'))).toBeNull();
  });

  it.each([
    ['passes when nothing was done', /no file/, answer(0, 'Done.\n'), 'the check says that it is done'],
    ['fails after the solution', null, answer(1, '- There is no file.\n'), 'the check says that it is not done. It printed:\n  - There'],
    ['misses another thing', /no file/, answer(1, '- No mount.\n'), 'the check says nothing that matches /no file/'],
    ['could not look', /no file/, answer(2, 'no file'), 'the check ends with status 2, not 1'],
    // Such a check would fail whatever was done, or pass.
    [
      'has a mistake of its own',
      /no file/,
      answer(1, `${library}/check: line 3: foo: command not found\nno file`),
      'the check has an error',
    ],
  ])('refuses a check that %s', (_, says, given, problem) => {
    expect(judge(says, given)).toContain(problem);
  });
});

it('tells what is tried by its content, its place and its mode', () => {
  const file = {type: 'file', path: 'usr/local/bin/check', mode: 0o755, data: Buffer.from('a')} as const;
  const candidate = {name: 'begin', data: Buffer.from('x'), says: null};
  const of = (root: Proof['kit']['root'], candidates: Proof['candidates'] = [candidate]): string =>
    proofHash({kit: {share: [], root}, candidates} as unknown as Proof);
  const same = of([file]);
  expect(of([{...file}])).toBe(same);
  for (const other of [
    {...file, mode: 0o644},
    {...file, path: 'x'},
    {...file, data: Buffer.from('b')},
  ])
    expect(of([other])).not.toBe(same);
  expect(of([file], [{...candidate, data: Buffer.from('y')}])).not.toBe(same);
});
