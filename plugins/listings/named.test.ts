import {cp, mkdtemp, rm, writeFile, mkdir} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {format} from '../markdown/problems.ts';
import {checkListings} from './check.ts';
import {resolveListing, Sources, type Listing} from './listing.ts';

let site = '';
beforeAll(async () => {
  site = await mkdtemp(path.join(os.tmpdir(), 'named-'));
  await cp(path.join(import.meta.dirname, '../fixtures/steps'), path.join(site, 'code/steps'), {recursive: true});
  await write('code/store.go', store);
});
afterAll(() => rm(site, {recursive: true}));

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(site, name)), {recursive: true});
  await writeFile(path.join(site, name), text);
}

const store = `// Package store keeps what it is given.
package store

// Store keeps.
type Store struct {
	kept map[string]int
}

// Keep keeps one more.
func (s *Store) Keep(name string) {
	s.kept[name]++
}

// What a store may hold.
const (
	Few  = 10
	Many = 100
)

func (s *Store) full() bool { return len(s.kept) == Many }
`;

async function resolve(meta: string): Promise<{listing: Listing | null; problems: string[]}> {
  const {listing, problems} = await resolveListing({file: 'docs/a.mdx', line: 7, lang: 'go', meta, value: ''}, new Sources(site));
  return {listing, problems: format(problems).split('\n').filter(Boolean)};
}

/** What a listing shows: numbers, with the text of lines that have none. */
async function shown(meta: string): Promise<(number | string)[]> {
  const {listing, problems} = await resolve(meta);
  expect(problems).toEqual([]);
  return listing?.lines.map(({number, text}) => number ?? text) ?? [];
}

describe('show=', () => {
  it('shows declarations by name with their doc comments and true numbers, and a gap for what is between', async () => {
    expect(await shown('file=code/store.go show="Store, Many"')).toEqual([4, 5, 6, 7, 8, '// …', 13, 14, 15, 16, 17, 18]);
    expect(await shown('file=code/store.go show="Store, Store.Keep"')).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('shows them in the order named', async () => {
    expect(await shown('file=code/store.go show="Store.full,Store.Keep"')).toEqual([20, '// …', 8, 9, 10, 11, 12]);
  });

  it('takes line numbers of what it shows to emphasise', async () => {
    expect((await resolve('file=code/store.go show=Store {6}')).listing?.emphasised).toEqual([6]);
    expect((await resolve('file=code/store.go show=Store {11}')).problems).toEqual([
      'docs/a.mdx:7: line 11 is not shown here; {…} takes line numbers of code/store.go, of which these are shown: 4-7',
    ]);
  });

  it.each([
    [
      'a renamed declaration',
      'file=code/store.go show=Storage',
      'code/store.go declares no “Storage” (did you mean “Store”?); it declares Store, Store.Keep, Few, Many, Store.full',
    ],
    [
      'a method without its type',
      'file=code/store.go show=Keep',
      'code/store.go declares no “Keep” (did you mean “Store.Keep”?); it declares',
    ],
    ['a name twice', 'file=code/store.go show="Store, Store"', 'show= names “Store” twice'],
    ['two of one group', 'file=code/store.go show="Few, Many"', '“Many” is declared together with “Few”, which shows it; remove one'],
    [
      'an empty name',
      'file=code/store.go show="Few,, Store"',
      'show="Few,, Store" has an empty name; write names with one comma between two',
    ],
    ['names without a file', 'show=Store', 'show without file=; say which file the listing is of'],
    ['a region beside', 'file=code/store.go show=Store region=x', 'region= and show= both say what to show; write one'],
    ['another language', 'file=code/a.sh show=main', 'show= names declarations of Go, and code/a.sh is not a Go file; mark a region'],
  ])('fails on %s', async (_what, meta, message) => {
    await write('code/a.sh', 'main() { true; }\n');
    expect((await resolve(meta)).problems.join('\n')).toContain(`docs/a.mdx:7: ${message}`);
  });

  it('lists at most twelve of many names', async () => {
    await write('code/many.go', `package many\n\n${Array.from({length: 20}, (_, index) => `func F${index}() {}\n`).join('\n')}`);
    expect((await resolve('file=code/many.go show=Other')).problems).toEqual([
      'docs/a.mdx:7: code/many.go declares no “Other”; it declares F0, F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11 and 8 more',
    ]);
  });
});

describe('region= in Go', () => {
  it('refuses one that wraps whole declarations, and names them, cited or not', async () => {
    await write(
      'code/wrapped/a.go',
      'package a\n\n// region: both\n\n// F does.\nfunc F() {}\n\ntype (\n\tT int\n\tU int\n)\n\n// endregion\n',
    );
    const message =
      'code/wrapped/a.go:3: region “both” wraps whole declarations; remove its markers and show them by name: file=code/wrapped/a.go show="F, T"';
    expect((await resolve('file=code/wrapped/a.go region=both')).problems).toEqual([message]);
    expect(format(await checkListings(site, ['code/wrapped']))).toContain(message);
  });

  it('refuses one that is around the imports, and one that leaves its function', async () => {
    await write('code/b.go', 'package b\n\n// region: imports\nimport "os"\n\n// endregion\n');
    expect((await resolve('file=code/b.go region=imports')).problems).toEqual([
      'code/b.go:3: region “imports” is not inside a function; move its markers into one, or show declarations by name with show=',
    ]);
    await write('code/c.go', 'package c\n\nfunc F() {\n\t// region: end\n\tg()\n}\n\nfunc G() {\n\tg()\n\t// endregion\n}\n');
    expect((await resolve('file=code/c.go region=end')).problems.join()).toMatch(/^code\/c\.go:4: region “end” is not inside a function/);
  });
});

describe('the width and the length of a listing', () => {
  it('fit the page: names file and line of what does not', async () => {
    const line = (columns: number): string => `\tx = "${'a'.repeat(columns - 10)}"`;
    await write('code/wide.go', `package wide\n\nfunc F() {\n${line(76)}\n${line(77)}\n}\n`);
    expect((await resolve('file=code/wide.go')).problems).toEqual([
      'code/wide.go:5: this line has 77 columns where a listing shows it (docs/a.mdx:7), and 76 fit; wrap it',
    ]);
  });

  it('counts columns as they are shown, from the margin', async () => {
    await write('code/deep.go', `package deep\n\nfunc F() {\n\t// region: deep\n\tx = "${'a'.repeat(70)}"\n\t// endregion\n}\n`);
    expect((await resolve('file=code/deep.go region=deep')).problems).toEqual([]);
  });

  it('ends at 150 lines where nothing is chosen', async () => {
    await write('code/long.go', `package long\n\nfunc F() {\n${'\tf()\n'.repeat(147)}}\n`);
    expect((await resolve('file=code/long.go')).problems).toEqual([
      'docs/a.mdx:7: code/long.go has 151 lines, and a listing of a whole file at most 150; name what to show with show="…"',
    ]);
    expect(await shown('file=code/long.go show=F')).toHaveLength(149);
  });
});

describe('diff-against=', () => {
  const stage = (name: string): string => `file=code/steps/01-counting/${name}`;

  it('shows what is new, with its numbers and where it is, and hands on the whole file', async () => {
    const {listing} = await resolve(`${stage('3-twice/main.go')} diff-against=2-often`);
    expect(listing?.lines).toEqual([
      {number: 12, text: 'func main() {'},
      {number: null, text: '\t// …'},
      {number: 19, text: '\tfmt.Printf("%d in %d bytes\\n", len(os.Args)-1, length(os.Args))', change: 'added'},
    ]);
    expect(listing?.since).toBe('2-often');
    expect(listing?.whole?.map(({number}) => number)).toEqual(Array.from({length: 26}, (_, index) => index + 1));
  });

  it('strikes out what is gone when told to', async () => {
    const meta = `${stage('2-often/main.go')} diff-against=1-once`;
    const texts = async (more: string): Promise<string[]> =>
      (await resolve(`${meta}${more}`)).listing?.lines.filter(({change}) => change === 'removed').map(({text}) => text) ?? [];
    expect(await texts('')).toEqual([]);
    expect(await texts(' removed')).toEqual(['\t\tfmt.Println(i, argument)']);
  });

  it('compares what show= names', async () => {
    expect(await shown(`${stage('2-often/main.go')} show="fail, main" diff-against=1-once`)).toEqual([
      ...[21, 22, 23, 24, 25],
      ...['// …', 11],
      ...[12, 13, 14, 15, 16, 17],
    ]);
  });

  it('shows a file whole that the stage before does not have', async () => {
    const {listing, problems} = await resolve(`${stage('3-twice/length.go')} diff-against=2-often`);
    expect(problems).toEqual([]);
    expect(listing?.lines.map(({number, change}) => [number, change])).toEqual(
      Array.from({length: 10}, (_, index) => [index + 1, undefined]),
    );
    expect(listing?.whole).toBeUndefined();
    expect(await shown(`${stage('3-twice/length.go')} show=length diff-against=2-often`)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('takes line numbers of what it shows to emphasise', async () => {
    expect((await resolve(`${stage('3-twice/main.go')} diff-against=2-often {19}`)).listing?.emphasised).toEqual([19]);
    expect((await resolve(`${stage('3-twice/main.go')} diff-against=2-often {20}`)).problems.join()).toContain(
      'of which these are shown: 12,19',
    );
  });

  it('compares with the last stage of an earlier chapter, and not of a later one', async () => {
    await write('code/steps/03-one/main.go', 'package a\n\nvar one = 1\n');
    await write('code/steps/04-two/1-first/main.go', 'package a\n\nvar one = 1\n\nvar two = 2\n');
    await write('code/steps/05-three/main.go', 'package a\n');
    const first = 'file=code/steps/04-two/1-first/main.go';
    expect(await shown(`${first} diff-against=03-one`)).toEqual([5]);
    expect((await resolve(`${first} diff-against=05-three`)).problems.join()).toContain('no stage “05-three”');
  });

  it('takes the limit of columns for the whole file too', async () => {
    const wide = `package a\n\nvar x = "${'a'.repeat(70)}"\n`;
    await write('code/steps/03-wide/1-one/main.go', wide);
    await write('code/steps/03-wide/2-two/main.go', `${wide}\nvar y = 1\n`);
    expect((await resolve('file=code/steps/03-wide/2-two/main.go diff-against=1-one')).problems).toEqual([
      'code/steps/03-wide/2-two/main.go:3: this line has 80 columns where a listing shows it (docs/a.mdx:7), and 76 fit; wrap it',
    ]);
    expect((await resolve('file=code/steps/03-wide/1-one/main.go diff-against=2-two removed')).problems.join('\n')).not.toContain(
      'removed line',
    );
    await write('code/steps/03-wide/3-three/main.go', 'package a\n');
    expect((await resolve('file=code/steps/03-wide/3-three/main.go diff-against=2-two removed')).problems.join('\n')).toContain(
      'docs/a.mdx:7: a removed line of code/steps/03-wide/3-three/main.go, “var x = "aaa',
    );
  });

  it.each([
    [
      'a stage that is not there',
      '2-often/main.go',
      '1-onec',
      'no stage “1-onec” (did you mean “1-once”?); 01-counting has 1-once, 3-twice',
    ],
    [
      'the stage itself',
      '2-often/main.go',
      '2-often',
      'diff-against=2-often compares the stage with itself; 01-counting has 1-once, 3-twice',
    ],
    [
      'a stage of another chapter',
      '2-often/main.go',
      '1-name',
      '“1-name” is a stage of 02-naming; diff-against= takes one of the same chapter: 01-counting has 1-once, 3-twice',
    ],
    [
      'a path to another chapter',
      '2-often/main.go',
      '02-naming/1-name',
      'diff-against=02-naming/1-name is not a stage of the same chapter; write its name alone: 01-counting has 1-once, 3-twice',
    ],
    [
      'a part that is not new',
      '3-twice/main.go',
      '2-often show=fail',
      'nothing is new in code/steps/01-counting/3-twice/main.go against 2-often; to show what is gone, add removed',
    ],
    ['a region beside', '3-twice/main.go', '2-often region=x', 'diff-against= compares whole files or what show= names; remove region='],
  ])('fails on %s', async (_what, file, against, message) => {
    expect((await resolve(`${stage(file)} diff-against=${against}`)).problems[0]).toBe(`docs/a.mdx:7: ${message}`);
  });

  it('fails outside of stages, without a file, and on removed alone', async () => {
    expect((await resolve('file=code/store.go diff-against=1-once')).problems).toEqual([
      'docs/a.mdx:7: diff-against= compares stages, and code/store.go is not of one; stages are folders like code/steps/01-namespaces/2-pid',
    ]);
    expect((await resolve('diff-against=1-once')).problems).toEqual([
      'docs/a.mdx:7: diff-against without file=; say which file the listing is of',
    ]);
    expect((await resolve('file=code/store.go removed')).problems).toEqual(['docs/a.mdx:7: removed means nothing without diff-against=']);
  });
});
