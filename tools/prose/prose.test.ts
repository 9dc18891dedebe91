import {describe, expect, it} from 'vitest';
import {parseDocument} from '../../plugins/markdown/documents.ts';
import {blocksOf} from '../../plugins/markdown/running-text.ts';
import {unprovedClaims, unprovedProblems} from './claims.ts';
import {measure} from './measure.ts';
import {choosePages, nameOf} from './names.ts';
import {table} from './report.ts';
import {sentencesOf} from './sentences.ts';

const parse = (text: string) => parseDocument('docs/01-a.mdx', text);
const sentences = (text: string) => blocksOf(parse(text)).flatMap((block) => sentencesOf(block).map(({text}) => text));

describe('sentences', () => {
  it.each([
    ['One. Two?  Three!', ['One.', 'Two?', 'Three!']],
    ['It runs `a.b. c`. `ps` lists it.\nclone(2) makes it.', ['It runs a.b. c.', 'ps lists it.', 'clone(2) makes it.']],
    [
      'Programs, e.g. shells, version 1.36. (Another one.) "It ends." she said.',
      ['Programs, e.g. shells, version 1.36.', '(Another one.)', '"It ends." she said.'],
    ],
    ['**Not a wall.** A curtain.', ['Not a wall.', 'A curtain.']],
    ['A line\nthat goes on.', ['A line that goes on.']],
    ['- one\n- two', ['one', 'two']],
    ['---', []],
  ])('of %j', (text, expected) => {
    expect(sentences(text)).toEqual(expected);
  });
});

describe('figures', () => {
  it('are the mean and the standard deviation of words a sentence, and shares of words', () => {
    // Two, four and six words: mean 4, variance 8/3.
    const figures = measure(parse('You run. It is `a b c` here. We do not see what happens.'));
    expect(figures).toMatchObject({words: 12, sentences: 3, mean: 4, short: 1, long: 0});
    expect(figures.spread).toBeCloseTo(Math.sqrt(8 / 3));
    expect(figures.address).toBeCloseTo((100 * 2) / 12);
    expect(figures.negations).toBeCloseTo(100 / 3);
  });

  it('know contractions in either apostrophe', () => {
    expect(measure(parse("It isn't. It doesn’t.")).negations).toBe(100);
  });

  it.each([
    ['headings and code', '## You and we {/* #a */}\n\n```bash\nyou\n```'],
    ['tables', '| you |\n| - |\n| we |'],
    ['goals', '<Goals>\n\n- You see.\n\n</Goals>'],
    ['choices and expectations', '<Surprise>\n<Expect>You win.</Expect>\n</Surprise>\n\n<Choice correct>You do</Choice>'],
    ['sources', '## Sources {/* #sources */}\n\n- You read.'],
    ['comments and imports', "import X from './x';\n\n{/* you */}"],
  ])('leave out %s', (_, text) => {
    expect(measure(parse(text))).toMatchObject({words: 0, sentences: 0, mean: 0, spread: 0, address: 0});
  });

  it('count what components say', () => {
    expect(measure(parse('<Deeper title="We">\n\nYou see.\n\n</Deeper>\n\n<Get>You do.</Get>')).words).toBe(4);
  });
});

const shown = (text: string) => unprovedClaims(parse(text)).map(({line, words}) => `${line} ${words.join()}`);

describe('an absolute sentence', () => {
  it('is named with its line and words', () => {
    expect(unprovedClaims(parse('One.\n\nTwo. It never\nsees all files.'))).toEqual([
      {line: 3, text: 'It never sees all files.', words: ['never', 'all']},
    ]);
    expect(unprovedProblems('docs/a.mdx', parse('It never ends.'))).toEqual([
      {file: 'docs/a.mdx', line: 1, message: expect.stringMatching(/^“It never ends\.” has no proof beside it \(never\)/) as string},
    ]);
  });

  it.each([
    ['a manual page', 'It never ends, says clone(2).'],
    ['a report', 'It never ends (CVE-2022-0185).'],
    ['a link to another site', '[It](https://x.example/) never ends.'],
    ['a link to the sources', 'It never ends ([test](#sources)).'],
    ['a proof', 'It <Proof of="01-x">never</Proof> ends.'],
    ['a listing after it', 'It never ends:\n\n```go file=a.go\n```'],
    ['an experiment before it', '```console of=01-x\n```\n\nIt never ends.'],
    ['a recording', 'It never ends.\n\n<Replay src="x" />'],
    ['a comment after it', 'It never ends.\n\n{/* proof: by arithmetic */}'],
    ['a comment in it', 'It never ends. {/* proof: by arithmetic */}'],
    ['a comment before it, with nothing else before that', '## A {/* #a */}\n\n{/* proof: by arithmetic */}\n\nIt never ends.'],
  ])('is proved by %s', (_, text) => {
    expect(shown(text)).toEqual([]);
  });

  it.each([
    ['a comment that belongs to the paragraph before', 'x\n\n{/* proof: of x */}\n\nIt never ends.'],
    ['an empty comment', 'It never ends.\n\n{/* proof: */}'],
    ['another comment', 'It never ends.\n\n{/* truncate */}'],
    ['commands that were not run', 'It never ends.\n\n```bash\nsleep\n```'],
    ['a diagram', 'It never ends.\n\n```mermaid\nflowchart\n```'],
    ['a link within the site', '[It](./setup.mdx) never ends.'],
    ['a listing further off', 'It never ends.\n\nx\n\n```go file=a.go\n```'],
  ])('is not proved by %s', (_, text) => {
    expect(shown(text)).toHaveLength(1);
  });

  it('is looked for in tables and explanations, not in what a reader may wrongly think', () => {
    expect(shown('| a |\n| - |\n| none |')).toEqual(['3 none']);
    expect(shown('<Why>\n\nIt cannot.\n\n</Why>')).toEqual(['3 cannot']);
    expect(shown('<Choice>It cannot</Choice>\n\n<Expect>It cannot.</Expect>\n\n## It cannot {/* #a */}\n\n`never`')).toEqual([]);
  });

  it('is none by a turn of speech', () => {
    expect(shown('Not at all. Only then, after all. All five. All the same.')).toEqual([]);
    expect(shown('All of it.')).toHaveLength(1);
  });
});

describe('pages', () => {
  const files = ['docs/01-namespaces.mdx', 'docs/setup.mdx', 'blog/2026-04-28-a-post.mdx'];
  it('go by their names', () => {
    expect(files.map(nameOf)).toEqual(['namespaces', 'setup', 'a-post']);
    expect(choosePages(files, ['a-post', '01-namespaces', 'docs/setup.mdx'])).toEqual([files[2], files[0], files[1]]);
    expect(choosePages(files, [])).toEqual(files);
    expect(() => choosePages(files, ['namespace'])).toThrow('there is no page “namespace” (did you mean “namespaces”?)');
  });

  it('stand in a table under each other, above a model', () => {
    const lines = table([{name: 'a', figures: measure(parse('You run. It ends.')), unproved: 3}]).split('\n');
    expect(lines[1]).toMatch(/^a +4 +2 +2\.0 +0\.0 +100 % +0 % +25\.0 +0 +3$/);
    expect(lines.map((line) => line.indexOf('mean') + line.indexOf('2.0') + line.indexOf('14.2'))).toHaveLength(3);
    expect(lines[2]).toMatch(/^\(Crafting Interpreters\) +6284 +14\.2/);
  });
});
