import {describe, expect, it} from 'vitest';
import {join, parseSource, slice, within} from './regions.ts';

const go = (...lines: string[]): string => lines.join('\n') + '\n';
const problemsOf = (text: string): string[] => parseSource(text).problems.map(({line, message}) => `${line}: ${message}`);

function shown(text: string, name?: string): (string | null | number)[][] {
  const source = parseSource(text);
  expect(source.problems).toEqual([]);
  const region = name === undefined ? undefined : source.regions.get(name);
  const result = slice(source, region && within(region));
  expect(result.problems).toEqual([]);
  return result.lines.map(({number, text: line}) => [number, line]);
}

describe('parseSource', () => {
  it('finds regions with // and #, one inside another', () => {
    const source = parseSource(go('// region: outer', 'a()', '\t# region: inner-2', '\tb()', '\t# endregion', '// endregion'));
    expect(source.problems).toEqual([]);
    expect([...source.regions.values()]).toEqual([
      {name: 'inner-2', start: 3, end: 5},
      {name: 'outer', start: 1, end: 6},
    ]);
  });

  it('reads files with line ends of Windows', () => {
    expect(parseSource('// region: a\r\nx\r\n// endregion\r\n').regions.get('a')).toEqual({name: 'a', start: 1, end: 3});
  });

  it('takes sentences about regions for what they are', () => {
    expect(problemsOf(go('// region of memory that the child maps', '# The endregion is near.', '// regions are parts'))).toEqual([]);
  });

  it.each([
    ['an unclosed region', go('a', '// region: x', 'b'), '2: region “x” is never closed'],
    ['an endregion alone', go('a', '// endregion'), '2: endregion without a region'],
    ['an empty region', go('// region: x', '', '// endregion'), '1: region “x” is empty'],
    ['a region of markers only', go('// region: x', '// …', '// …', '// endregion'), '1: region “x” is empty'],
    [
      'a name given twice',
      go('// region: x', 'a', '// endregion', '// region: x', 'b', '// endregion'),
      '4: region “x” is already on line 1',
    ],
    ['a name with spaces', go('// region: Two words', 'a', '// endregion'), '1: “Two words” is not a name'],
    ['a region without a name', go('// region:', 'a', '// endregion'), '1: “” is not a name'],
    ['a forgotten colon', go('// region clone-flags', 'a'), '1: “// region clone-flags” is not a marker'],
    ['a misspelt marker', go('// Region: x', 'a'), '1: “// Region: x” is not a marker'],
    [
      'regions that overlap',
      go('// region: a', 'x', '// region: b', 'y', '// endregion: a', '// endregion: b'),
      '5: endregion “a” closes region “b” of line 3',
    ],
  ])('tells of %s', (_what, text, problem) => {
    expect(problemsOf(text)[0]).toContain(problem);
  });
});

describe('slice', () => {
  it('shows a region at the margin with the line numbers of the file', () => {
    const text = go('package a', '', 'func f() {', '\t// region: x', '\tif ok {', '\t\tg()', '', '\t}', '\t// endregion', '}');
    expect(shown(text, 'x')).toEqual([
      [5, 'if ok {'],
      [6, '\tg()'],
      [7, ''],
      [8, '}'],
    ]);
  });

  it('leaves out markers, of inner regions too, and blank lines at both ends', () => {
    const text = go('// region: outer', '', 'a', '// region: inner', 'b', '// endregion', '', '// endregion', 'c');
    expect(shown(text, 'outer')).toEqual([
      [3, 'a'],
      [5, 'b'],
    ]);
    expect(shown(text)).toEqual([
      [3, 'a'],
      [5, 'b'],
      [7, ''],
      [9, 'c'],
    ]);
  });

  it('folds what is between two fold comments into one', () => {
    expect(shown(go('a', '\t// …', '\tb', '\tc', '\t// …', 'd'))).toEqual([
      [1, 'a'],
      [null, '\t// …'],
      [6, 'd'],
    ]);
    expect(shown(go('a: 1', '# ...', 'b: 2', '# ...', 'c: 3')).map(([number]) => number)).toEqual([1, null, 5]);
  });

  it('tells of a fold that never ends and of one that hides nothing', () => {
    expect(slice(parseSource(go('a', '// …', 'b'))).problems).toEqual([
      {line: 2, message: expect.stringContaining('never closed') as string},
    ]);
    expect(slice(parseSource(go('a', '// …', '// …', 'b'))).problems).toEqual([
      {line: 2, message: expect.stringContaining('hides nothing') as string},
    ]);
  });

  it('keeps indentation that mixes tabs and spaces where lines do not share it', () => {
    expect(shown(go('\ta', '    b'))).toEqual([
      [1, '\ta'],
      [2, '    b'],
    ]);
  });
});

describe('join', () => {
  const source = parseSource(go('// A.', 'type A int', '', '// B.', 'type B int', '', 'type C int', 'type D int'));
  const joined = (...pieces: [number, number][]): (string | number | null)[][] =>
    join(
      'code/a.go',
      source,
      pieces.map(([first, last]) => slice(source, {first, last}).lines),
    ).map(({number, text}) => [number, text]);

  it('shows the blank lines between neighbours', () => {
    expect(joined([1, 2], [4, 5])).toEqual([
      [1, '// A.'],
      [2, 'type A int'],
      [3, ''],
      [4, '// B.'],
      [5, 'type B int'],
    ]);
    expect(joined([7, 7], [8, 8]).map(([number]) => number)).toEqual([7, 8]);
  });

  it('shows a gap where lines are left out, between the blank lines beside it', () => {
    expect(joined([1, 2], [7, 7])).toEqual([
      [1, '// A.'],
      [2, 'type A int'],
      [3, ''],
      [null, '// …'],
      [6, ''],
      [7, 'type C int'],
    ]);
  });

  it('shows a gap where the order is another than in the file', () => {
    expect(joined([8, 8], [7, 7]).map(([number, text]) => number ?? text)).toEqual([8, '// …', 6, 7]);
    expect(joined([4, 5], [1, 2]).map(([number, text]) => number ?? text)).toEqual([4, 5, 6, '// …', 1, 2]);
  });

  it('writes the gap as a comment of the file', () => {
    const yaml = parseSource(go('a: 1', 'b: 2', '  c: 3'));
    const pieces = [1, 3].map((line) => [{number: line, text: yaml.lines[line - 1] ?? ''}]);
    expect(join('unit.yaml', yaml, pieces).map(({text}) => text)).toEqual(['a: 1', '  # …', '  c: 3']);
  });
});
