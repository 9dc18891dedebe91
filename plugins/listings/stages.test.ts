import {describe, expect, it} from 'vitest';
import {goDeclarations} from './declarations.ts';
import {join, parseSource, slice} from './regions.ts';
import {changedPieces, compare, parseStaged} from './stages.ts';

const go = (...lines: string[]): string => lines.join('\n') + '\n';

/** Lines that are new, by number, and those that are gone, by text. */
function changes(before: string, after: string): (number | string)[] {
  return compare(slice(parseSource(before)).lines, slice(parseSource(after)).lines).flatMap(({number, text, change}) =>
    change === 'removed' ? `- ${text.trim()}` : change === 'added' ? (number ?? []) : [],
  );
}

/** What a listing of the comparison shows: numbers of old lines negative, gaps and lines that are gone as text. */
async function shown(before: string, after: string, removed = false): Promise<(number | string)[]> {
  const source = parseSource(after);
  const {lines} = slice(source);
  const compared = compare(slice(parseSource(before)).lines, lines).filter(({change}) => removed || change !== 'removed');
  const pieces = changedPieces(compared, await goDeclarations(after), [{first: 1, last: source.lines.length}]);
  return join('a.go', source, pieces).map(({number, text, change}) =>
    number === null ? (change === 'removed' ? `- ${text.trim()}` : text) : change === 'added' ? number : -number,
  );
}

describe('parseStaged', () => {
  it('reads chapter, stage and file of a path', () => {
    expect(parseStaged('code/steps/01-namespaces/3-mount/cmd/main.go')).toEqual({
      steps: 'code/steps',
      chapter: '01-namespaces',
      stage: '3-mount',
      rest: 'cmd/main.go',
    });
    expect(parseStaged('code/steps/01-namespaces/main.go')).toEqual({
      steps: 'code/steps',
      chapter: '01-namespaces',
      stage: '',
      rest: 'main.go',
    });
    expect(parseStaged('code/steps/01-namespaces/solutions/3-rootless/main.go')).toBeNull();
    expect(parseStaged('code/overlay/overlay.go')).toBeNull();
  });
});

describe('compare', () => {
  it('marks what is new and what is gone', () => {
    expect(changes(go('a', 'b', 'c'), go('a', 'x', 'c', 'd'))).toEqual(['- b', 2, 4]);
    expect(changes(go('a', 'b'), go('a'))).toEqual(['- b']);
    expect(changes(go('a'), go('a'))).toEqual([]);
  });

  it('does not take alignment for a change, but indentation', () => {
    expect(changes(go('a = 1 // one'), go('a    = 1 // one'))).toEqual([]);
    expect(changes(go('{', 'a()'), go('{', '\ta()'))).toEqual(['- a()', 2]);
  });

  it('says that a function is new, not the brace of the one before', () => {
    const before = go('func a() {', '\tx()', '}');
    expect(changes(before, go('func a() {', '\tx()', '}', '', 'func b() {', '\ty()', '}'))).toEqual([4, 5, 6, 7]);
    expect(changes(go('func b() {', '\ty()', '}'), go('func a() {', '\tx()', '}', '', 'func b() {', '\ty()', '}'))).toEqual([1, 2, 3, 4]);
  });

  it('says that a statement with its check is new, not the check of the one before', () => {
    const check = ['\tif err != nil {', '\t\treturn', '\t}'];
    const before = go('func f() {', '\ta()', ...check, '\tc()', '}');
    expect(changes(before, go('func f() {', '\ta()', ...check, '\tb()', ...check, '\tc()', '}'))).toEqual([6, 7, 8, 9]);
  });

  it('does not move a new block over a line that is gone', () => {
    expect(changes(go('}', 'old', 'end'), go('}', 'f {', '}', 'end'))).toEqual(['- old', 2, 3]);
  });
});

describe('changedPieces', () => {
  const body = ['\ta()', '\tb()', '\tc()', '\td()'];

  it('shows where a change is by the first line of its declaration', async () => {
    const before = go('// F does.', 'func F() {', ...body, '}');
    expect(await shown(before, go('// F does.', 'func F() {', ...body, '\te()', '}'))).toEqual([-2, '\t// …', 7]);
  });

  it('shows a single old line instead of a gap', async () => {
    const before = go('func F() {', ...body, '}');
    expect(await shown(before, go('func F() {', '\ta()', '\tx()', '\tb()', '\tc()', '\td()', '}'))).toEqual([-1, -2, 3]);
    expect(await shown(before, go('func F() {', '\tx()', ...body, '\ty()', '}'))).toEqual([-1, 2, '\t// …', 7]);
  });

  it('shows a new declaration alone, without the blank lines at its ends', async () => {
    const before = go('package a', '', 'var x = 1', '', 'var y = 2');
    expect(await shown(before, go('package a', '', 'var x = 1', '', '// G.', 'func G() {}', '', 'var y = 2'))).toEqual([5, 6]);
  });

  it('shows what is gone where it was, with a line that says where', async () => {
    const before = go('package a', '', 'func F() {', ...body, '}');
    const after = go('package a', '', 'func F() {', '\ta()', '\tb()', '\tc()', '}');
    expect(await shown(before, after, true)).toEqual([-3, '\t// …', -6, '- d()']);
    expect(await shown(before, after)).toEqual([]);
    expect(await shown(go('a', 'b', 'c'), go('a', 'b'), true)).toEqual([-2, '- c']);
    expect(await shown(go('a', 'b', 'c'), go('b', 'c'), true)).toEqual(['- a', -1]);
  });
});
