import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {format} from '../../plugins/markdown/problems.ts';
import {checkContent} from './content.ts';

const guide = readFileSync(path.resolve(import.meta.dirname, '../../CONTRIBUTING.md'), 'utf8');
/** Files that the guide has its readers write: each follows a comment with its path. */
const examples = [...guide.matchAll(/<!-- example: (\S+) -->\n\n(`{3,})\w+\n([^]*?)\n\2\n/g)].map(([, file = '', , source = '']) => ({
  file,
  source,
}));

it('has an example of each kind of content', () => {
  expect(examples.map(({file}) => path.dirname(file))).toEqual(expect.arrayContaining(['blog', 'docs', 'sessions/recordings']));
  expect(examples).toHaveLength((guide.match(/<!-- example:/g) ?? []).length);
});

describe.each(examples.filter(({file}) => file.endsWith('.mdx')))('the example $file of CONTRIBUTING.md', ({file, source}) => {
  it('keeps the rules for prose', () => {
    expect(format(checkContent(file, source, () => true))).toBe('');
  });
});
