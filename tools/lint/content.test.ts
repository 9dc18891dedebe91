import {describe, expect, it} from 'vitest';
import {format} from '../../plugins/markdown/problems.ts';
import {checkContent} from './content.ts';

const check = (source: string, file = 'docs/page.mdx', existing: string[] = []): string[] =>
  checkContent(file, source, (target) => existing.includes(target)).map((problem) => format([problem]));

describe('fences', () => {
  it('refuses code and output typed by hand, naming the line', () => {
    expect(check('Text.\n\n```go\nx := 1\n```\n')).toEqual([expect.stringMatching(/^docs\/page\.mdx:3: go typed by hand; show a region/)]);
    expect(check('```console\n$ ls\n```')).toEqual([
      expect.stringMatching(/:1: console typed by hand; show an experiment \(of=…\) or a recording/),
    ]);
    expect(check('```json\n{}\n```', 'blog/post.mdx')).toHaveLength(1);
  });

  it('takes listings, sketches, diagrams and commands', () => {
    expect(
      check(
        '```go file=code/a.go region=b\n```\n\n```console of=01-2-pid\n```\n\n```text\nanything\n```\n\n```mermaid\ngraph\n```\n\n```bash\nsudo ls\n```\n',
      ),
    ).toEqual([]);
  });

  it('refuses a fence without a language, and prompts before commands', () => {
    expect(check('```\nx\n```')).toEqual([expect.stringContaining('without a language')]);
    expect(check('```bash\ncd code\n$ go test\n```')).toEqual([expect.stringMatching(/:3: a prompt/)]);
    expect(check('```bash\nroot@host:~# ls\n```')).toEqual([expect.stringMatching(/:2: a prompt/)]);
  });

  it('leaves Markdown that is not a page alone', () => {
    expect(check('```go\nx\n```', 'CONTRIBUTING.md')).toEqual([]);
  });
});

describe('headings', () => {
  it('takes explicit ids in both spellings', () => {
    expect(check('## A `b` {/* #a-b */}\n\n### C {/* #c2 */}')).toEqual([]);
    expect(check('## A {#a-b}', 'docs/page.md')).toEqual([]);
  });

  it('refuses a heading without one and an ill-formed one', () => {
    expect(check('## What is it')).toEqual([expect.stringMatching(/:1: heading "What is it" has no id/)]);
    expect(check('## A {/* #Not_this */}')).toEqual([expect.stringContaining('heading id "Not_this"')]);
  });

  it('asks for none outside docs', () => {
    expect(check('## Free', 'blog/post.mdx')).toEqual([]);
  });
});

describe('links', () => {
  it('refuses links to other sites that are not https or not addresses', () => {
    expect(check('[a](http://example.com/)')).toEqual([expect.stringContaining('by https')]);
    expect(check('[a](//example.com/)')).toEqual([expect.stringContaining('by https')]);
    expect(check('[a](https://example/)')).toEqual([expect.stringContaining('not a host name')]);
    expect(check('[a](https://exa%mple.com/)')).toEqual([expect.stringContaining('not an address')]);
    expect(check('[a]: ftp://example.com/\n\n[a]')).toEqual([expect.stringContaining('by https')]);
  });

  it('takes https, this machine and mail', () => {
    expect(check('[a](https://example.com/x) [b](http://localhost:3000) [c](mailto:a@example.com)')).toEqual([]);
  });

  it('follows relative links of plain Markdown', () => {
    expect(check('[a](docs/start.mdx#x) [b](none.md)', 'README.md', ['docs/start.mdx'])).toEqual([
      'README.md:1: link to none.md: there is no none.md',
    ]);
  });
});

it('names the line of invalid MDX', () => {
  expect(check('One.\n\nTwo {')).toEqual([expect.stringMatching(/^docs\/page\.mdx:3: “\{” is not closed/)]);
});
