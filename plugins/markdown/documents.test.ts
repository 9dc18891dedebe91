import {mkdtemp, mkdir, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, describe, expect, it} from 'vitest';
import {findFiles, parseFences, readAllFences} from './documents.ts';
import {ProblemsError} from './problems.ts';

let site = '';
afterEach(async () => {
  if (site) await rm(site, {recursive: true});
  site = '';
});

async function makeSite(files: Record<string, string>): Promise<string> {
  site = await mkdtemp(path.join(os.tmpdir(), 'documents-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(site, name)), {recursive: true});
    await writeFile(path.join(site, name), text);
  }
  return site;
}

describe('parseFences', () => {
  it('gives line, language and attributes, past front matter, heading ids and directives', () => {
    const text = '---\ntitle: a {b} <c>\n---\n\n## Heading {#id}\n\n:::note[A {title}]\n\n```go file=a.go region=x {2}\nbody\n```\n\n:::\n';
    expect(parseFences('docs/a.mdx', text)).toEqual([
      {file: 'docs/a.mdx', line: 9, lang: 'go', meta: 'file=a.go region=x {2}', value: 'body'},
    ]);
  });

  it('sees fences in lists and elements, and none in comments', () => {
    const text = '- item\n\n  ```text\n  a\n  ```\n\n<div>\n  ~~~bash\n  b\n  ~~~\n</div>\n\n{/*\n```go\nc\n```\n*/}\n';
    expect(parseFences('docs/a.mdx', text).map(({lang, line, value}) => [lang, line, value])).toEqual([
      ['text', 3, 'a'],
      ['bash', 8, 'b'],
    ]);
  });

  it('names the line of what is no MDX', () => {
    expect(() => parseFences('docs/a.mdx', 'fine\n\n{(}\n')).toThrow(ProblemsError);
    expect(() => parseFences('docs/a.mdx', 'fine\n\n{(}\n')).toThrow(/^docs\/a\.mdx:3: /);
  });
});

describe('readAllFences', () => {
  it('reads docs, blog and pages, and tells of each broken document', async () => {
    const root = await makeSite({
      'docs/one.mdx': '```go\n1\n```\n',
      'docs/broken.mdx': '<div>\n',
      'blog/two.md': '```go\n2\n```\n',
      'src/pages/three.mdx': '```go\n3\n```\n',
      'src/components/not.mdx': '```go\n4\n```\n',
      'docs/not.txt': '```go\n5\n```\n',
    });
    const {fences, problems} = await readAllFences(root);
    expect(fences.map(({file, value}) => `${file} ${value}`)).toEqual(['docs/one.mdx 1', 'blog/two.md 2', 'src/pages/three.mdx 3']);
    expect(problems).toEqual([expect.objectContaining({file: 'docs/broken.mdx'})]);
  });

  it('does without folders that are not there', async () => {
    expect(await readAllFences(await makeSite({'docs/a.mdx': 'text\n'}))).toEqual({fences: [], problems: []});
  });
});

describe('findFiles', () => {
  it('skips hidden files and installed packages', async () => {
    const root = await makeSite({'a/b.go': '', 'a/.hidden.go': '', 'a/node_modules/c.go': '', 'a/d.txt': ''});
    expect((await findFiles(root, (name) => name.endsWith('.go'))).map((file) => path.relative(root, file))).toEqual([
      path.join('a', 'b.go'),
    ]);
  });
});
