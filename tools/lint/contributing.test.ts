import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {runPackage} from '../../host/run.ts';
import {checkListings} from '../../plugins/listings/check.ts';
import {checkPages} from '../../plugins/markdown/pages.ts';
import {format} from '../../plugins/markdown/problems.ts';
import {loadRecording} from '../record/scripts.ts';
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

describe('a copy of the repository to which all examples are applied', () => {
  const repository = path.resolve(import.meta.dirname, '../..');
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'contributing-'));
    const copied = ['docs', 'blog', 'src/pages', 'src/data', 'code', 'sessions', 'static/img', 'tools/lint/words.txt', 'package.json'];
    const settings = ['cspell.config.yaml', '.markdownlint-cli2.jsonc', '.prettierrc.json', '.prettierignore'];
    for (const name of [...copied, ...settings]) cpSync(path.join(repository, name), path.join(root, name), {recursive: true});
    symlinkSync(path.join(repository, 'node_modules'), path.join(root, 'node_modules'));
    for (const {file, source} of examples) {
      mkdirSync(path.dirname(path.join(root, file)), {recursive: true});
      writeFileSync(path.join(root, file), `${source}\n`);
    }
  });
  afterAll(() => rmSync(root, {recursive: true}));

  it('has pages without a mistake', async () => {
    expect(format(await checkPages(root))).toBe('');
  });

  it('has listings without a mistake', async () => {
    expect(format(await checkListings(root, ['code']))).toBe('');
  });

  it('has scripts that can be recorded', async () => {
    for (const {file} of examples.filter(({file}) => file.startsWith('sessions/'))) {
      expect((await loadRecording(root, path.basename(file, '.ts'))).steps.length).toBeGreaterThan(0);
    }
  });

  it('gives the new chapter its lines in the series', () => {
    const [, number = '', line = ''] =
      /give chapter (\d+) its lines in `src\/data\/series\.ts`, after `published`:\n\n```ts\n(.*)\n/.exec(guide) ?? [];
    const [, id] = /^doc: '(.+)',$/.exec(line) ?? [];
    expect(examples.map(({file}) => file)).toContain(`docs/${number.padStart(2, '0')}-${id ?? ''}.mdx`);
  });

  it.each([
    ['prettier', ['--check', '--log-level=warn', '--ignore-unknown']],
    ['markdownlint-cli2', ['--no-globs']],
    ['cspell', ['lint', '--no-progress', '--no-summary']],
  ])('passes %s', {timeout: 60_000}, async (name, args) => {
    const {status, output} = await runPackage(name, [...args, ...examples.map(({file}) => file)], {cwd: root});
    expect({status, output}).toMatchObject({status: 0});
  });
});
