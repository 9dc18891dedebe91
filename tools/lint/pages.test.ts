import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {components} from '../../plugins/markdown/components.ts';
import {checkPages} from '../../plugins/markdown/pages.ts';
import {format} from '../../plugins/markdown/problems.ts';

const repository = path.resolve(import.meta.dirname, '../..');
let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'pages-'));
  for (const folder of ['docs', 'blog', 'src/pages', 'static/img', 'sessions/exercises'])
    cpSync(path.join(repository, folder), path.join(root, folder), {recursive: true});
});
afterAll(() => rmSync(root, {recursive: true}));

/** What is said of the pages when one is added whose body is `text`; its lines count from the front matter's end. */
async function check(text: string, file = 'docs/made-up.mdx', frontMatter = 'title: T\ndescription: D'): Promise<string> {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), {recursive: true});
  writeFileSync(target, `---\n${frontMatter}\n---\n\n${text}\n`);
  try {
    return format(await checkPages(root)).replaceAll(`${file}:`, '');
  } finally {
    rmSync(target);
  }
}

it('has nothing to say of the pages as they are', async () => {
  expect(format(await checkPages(repository))).toBe('');
});

describe('a mistake in a page', () => {
  it.each([
    ['[a](/docs/namespace/)', '6: link to /docs/namespace/: there is no page /docs/namespace/ (did you mean “/docs/namespaces/”?)'],
    ['[a](/docs/namespaces/#ide)', '6: link to /docs/namespaces/#ide: docs/01-namespaces.mdx has no #ide (did you mean “idea”?)'],
    ['[a](./glosary.mdx)', '6: link to ./glosary.mdx: there is no ./glosary.mdx (did you mean “glossary.mdx”?)'],
    ['[a](glossary.mdx#zombe)', '6: link to glossary.mdx#zombe: docs/glossary.mdx has no #zombe (did you mean “zombie”?)'],
    ['[a](#nowhere)', '6: link to #nowhere: this page has no #nowhere'],
    [
      '[a]: /blog/tags/sheeep/\n\n[a]',
      '6: link to /blog/tags/sheeep/: there is no page /blog/tags/sheeep/ (did you mean “/blog/tags/sheep/”?)',
    ],
    ['[a](namespaces)', /^6: link to namespaces: neither a page's address/],
    ['![a](/img/none.png)', '6: image /img/none.png: there is no /img/none.png; images are in static/'],
    ['![a](none.png)', '6: image none.png: there is no docs/none.png'],
    ['<Predikt>\n\nx\n\n</Predikt>', /^6: no component <Predikt> \(did you mean “Predict”\?\)/],
    ['<Goals of="x">\n\n- x\n\n</Goals>', '6: <Goals> has no prop “of”; it takes none'],
    ['<Deeper titel="x">\n\nx\n\n</Deeper>', '6: <Deeper> has no prop “titel” (did you mean “title”?); it takes title'],
    [
      '<Exercise needs="Linux" minutes={1} check="01-2-leek">\n\nx\n\n</Exercise>',
      '6: check="01-2-leek": there is no sessions/exercises/01-2-leek.ts (did you mean “01-2-leak”?)',
    ],
    ['<Exercise needs="Linux" minutes={1} check={2}>\n\nx\n\n</Exercise>', /^6: the check of an <Exercise> is the name of a script/],
    ['a\n\nb { c\n\n`{` d', /^8: “\{” is not closed/],
    ['<Goals>\n\n- x', /^6: this is not valid MDX: Expected a closing tag for `<Goals>`/],
    ['## A {/* #a */}\n\n<Question id="a" />', '8: id “a” is taken by line 6; ids are unique in a page'],
  ])('%j', async (text, message) => {
    const said = await check(text);
    expect(said).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(said.split('\n')).toHaveLength(1);
  });

  it.each([
    ['title: T\ndescripton: D\ndescription: D', '3: unknown key “descripton” in the front matter (did you mean “description”?)'],
    ['title: T', '1: the front matter needs a description, in words'],
    ['title: A: b\ndescription: D', /^2: the front matter is not valid YAML: /],
  ])('in the front matter %j', async (frontMatter, message) => {
    expect(await check('x', undefined, frontMatter)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it.each([
    [
      'authors: [shep-and-shepherd]',
      /^4: authors: “shep-and-shepherd” is not in blog\/authors\.yml \(did you mean “sheep-and-shepherd”\?\)/,
    ],
    ['tags: [namespace]', /^4: tags: “namespace” is not in blog\/tags\.yml \(did you mean “namespaces”\?\)/],
    ['date: yesterday', /^4: date “yesterday” is not a day; write it as 2026-05-02/],
    ['slug: 5', '4: slug is not a text; put it in quotes'],
  ])('in the front matter of a post %j', async (line, message) => {
    const said = await check('x', 'blog/2026-01-01-x.mdx', `title: T\ndescription: D\n${line}`);
    expect(said).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it('in the name of a post', async () => {
    expect(await check('x', 'blog/2026-02-30-x.mdx')).toBe('1: the name of a post begins with its day, as 2026-05-02-some-words.mdx');
  });
});

it('takes what is right', async () => {
  const right = [
    '[a](/docs/namespaces/#idea) [b](glossary.mdx) [c](/more/) [d](/#chapters) [e](#here) [f](/img/logo.svg) [g](pathname:///x)',
    '## Here',
    '<Deeper title="x">\n\nx\n\n</Deeper>',
    '<Exercise needs="Linux" minutes={1} check="01-2-leak">\n\nx\n\n<Hint>\n\ny\n\n</Hint>\n\n</Exercise>',
    '<details>\n\nx\n\n</details>',
    '`{` and \\{',
    'export const Own = () => null;',
    '<Own any="x" />',
  ];
  expect(await check(right.join('\n\n'))).toBe('');
});

describe('the list of components', () => {
  it('is that of MDXComponents.tsx', () => {
    const [, list = ''] =
      /\.\.\.MDXComponents,([^]*?)\};/.exec(readFileSync(path.join(repository, 'src/theme/MDXComponents.tsx'), 'utf8')) ?? [];
    expect([...list.matchAll(/\w+/g)].map(([name]) => name)).toEqual(Object.keys(components));
  });
});
