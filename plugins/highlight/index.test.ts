import path from 'node:path';
import type {Root} from 'mdast';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import remarkMdx from 'remark-mdx';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {visit} from 'unist-util-visit';
import {VFile} from 'vfile';
import {describe, expect, it} from 'vitest';
import {remarkHighlight} from './index.ts';
import {lineToHtml, tokenize} from './prism.ts';
import {renderCode} from './render.ts';

/** Text of markup, as a page would give it. */
const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|quot|amp);/g, (_all, name: string) => ({lt: '<', gt: '>', quot: '"', amp: '&'})[name] ?? '');

describe('tokenize', () => {
  it('knows the words of Go', () => {
    const [line] = tokenize('func main() { return "a" + x // end', 'go') ?? [];
    expect(line?.filter(({kind}) => kind !== '').map(({kind, text}) => [kind, text.trim()])).toEqual([
      ['k', 'func'],
      ['f', 'main'],
      ['k', 'return'],
      ['s', '"a"'],
      ['c', '// end'],
    ]);
  });

  it.each([
    'bash',
    'sh',
    'ini',
    'docker',
    'dockerfile',
    'diff',
    'json',
    'yaml',
    'toml',
    'c',
    'makefile',
    'http',
    'nginx',
    'ts',
    'html',
    'php',
    'protobuf',
  ])('loads %s and loses no character', (language) => {
    const code = '# a <b> & "c"\n\n[x]\nkey = "value" // $HOME\n-old\n+new\n';
    const lines = tokenize(code, language) ?? [];
    expect(lines.map((line) => line.map(({text}) => text).join('')).join('\n')).toBe(code);
  });

  it('finds something to colour in each language that comes from prismjs', () => {
    for (const [language, code] of [
      ['bash', 'for f in *; do echo "$f"; done'],
      ['ini', '[Unit]\nA=b'],
      ['docker', 'FROM debian'],
      ['diff', '-a\n+b'],
      ['toml', 'a = 1'],
    ] as const) {
      expect(
        tokenize(code, language)
          ?.flat()
          .some(({kind}) => kind !== ''),
        language,
      ).toBe(true);
    }
  });

  it('leaves plain text plain', () => {
    expect(tokenize('if a\nb', 'text')).toEqual([[{kind: '', text: 'if a'}], [{kind: '', text: 'b'}]]);
  });

  it('splits tokens that span lines', () => {
    expect(tokenize('/* a\nb */', 'c')).toEqual([[{kind: 'c', text: '/* a'}], [{kind: 'c', text: 'b */'}]]);
  });

  it.each(['golang-x', '', 'constructor', 'extend', 'meta'])('knows no language “%s”', (language) => {
    expect(tokenize('x', language)).toBeNull();
  });

  it('does not leave a Prism behind in the global scope', () => {
    tokenize('a = 1', 'lua');
    expect((globalThis as {Prism?: unknown}).Prism).toBeUndefined();
  });
});

describe('renderCode', () => {
  it('escapes what HTML would take for its own', () => {
    expect(lineToHtml([{kind: 's', text: '"<b>&'}])).toBe('<span class="s">&quot;&lt;b&gt;&amp;</span>');
    expect(renderCode('<script>alert("&amp;")</script>', 'text')).toBe('&lt;script&gt;alert(&quot;&amp;amp;&quot;)&lt;/script&gt;');
  });

  it('needs no element per line where nothing is numbered', () => {
    expect(renderCode('a\nb', 'text')).toBe('a\nb');
  });

  it('numbers lines outside their text, skips folds, and emphasises by true number', () => {
    const html = renderCode('a\n// …\nb', 'text', {lines: [{number: 10}, {number: null}, {number: 14}], emphasised: [14]}) ?? '';
    expect(html).toBe('<span class="l" data-n="10">a\n</span><span class="l">// …\n</span><span class="l e" data-n="14">b\n</span>');
    expect(textOf(html)).toBe('a\n// …\nb\n');
  });

  it('says how deep a line is indented, for it to wrap there', () => {
    const classes = (code: string): string[] =>
      [...(renderCode(code, 'go') ?? '').matchAll(/class="(l[^"]*)"/g)].map(([, name = '']) => name);
    expect(classes('a\n\tb\n\t\tc\n    d\n  e\n' + '\t'.repeat(12) + 'f')).toEqual(['l', 'l i1', 'l i2', 'l i1', 'l', 'l i8']);
  });

  it('puts each run of changed lines into one element', () => {
    const lines = [
      {number: 3},
      {number: null, change: 'removed'},
      {number: 4, change: 'added'},
      {number: 5, change: 'added'},
      {number: 6},
    ] as const;
    expect(renderCode('a\nb\nc\nd\ne', 'text', {lines})).toBe(
      '<span class="l" data-n="3">a\n</span><del><span class="l">b\n</span></del>' +
        '<ins><span class="l" data-n="4">c\n</span><span class="l" data-n="5">d\n</span></ins><span class="l" data-n="6">e\n</span>',
    );
    expect(renderCode('a', 'text', {lines: [{number: null, change: 'removed'}]})).toBe('<del><span class="l">a\n</span></del>');
  });

  it('emphasises from line 1 where nothing is numbered', () => {
    expect(renderCode('a\nb', 'text', {emphasised: [2]})).toBe('<span class="l">a\n</span><span class="l e">b\n</span>');
  });
});

describe('remarkHighlight', () => {
  type Props = Record<string, unknown>;
  function run(text: string, prepare?: (root: Root) => void): Props[] {
    const root = unified().use(remarkParse).use(remarkMdx).parse(text);
    prepare?.(root);
    remarkHighlight({siteDir: '/site', repository: 'https://forge.example/sheep', branch: 'main'})(
      root,
      new VFile({path: path.join('/site', 'docs/a.mdx')}),
    );
    const found: Props[] = [];
    visit(root, 'mdxJsxFlowElement', (node: MdxJsxFlowElement) => {
      if (node.name === 'CodeBlock')
        found.push(
          Object.fromEntries(node.attributes.map((attribute) => ('name' in attribute ? [attribute.name, attribute.value] : []))) as Props,
        );
    });
    return found;
  }

  it('makes a CodeBlock of each code block, wherever it is', () => {
    expect(run('```text\na\n```\n\n- item\n\n  ```text title="Of two words"\n  b\n  ```\n\n<div>\n```text\nc\n```\n</div>\n')).toEqual([
      {html: 'a', language: 'text'},
      {html: 'b', language: 'text', title: 'Of two words'},
      {html: 'c', language: 'text'},
    ]);
  });

  it('links a listing to its lines in the repository', () => {
    const [block] = run('```text file=code/a.go region=x\n```\n', (root) =>
      visit(root, 'code', (node) => {
        node.value = 'b\na';
        node.data = {
          listing: {
            file: 'code/a.go',
            lines: [
              {number: 12, text: 'b'},
              {number: 7, text: 'a'},
            ],
            emphasised: [],
          },
        };
      }),
    );
    expect(block).toMatchObject({file: 'code/a.go', lines: '7–12', href: 'https://forge.example/sheep/blob/main/code/a.go#L7-L12'});
  });

  it('says since when the lines of a comparison are new, and hands on the whole file', () => {
    const lines = [
      {number: 1, text: 'a'},
      {number: 2, text: 'b'},
    ];
    const [block] = run('```text file=code/steps/01-a/2-b/a.txt diff-against=1-a\n```\n', (root) =>
      visit(root, 'code', (node) => {
        node.value = 'b';
        node.data = {
          listing: {
            file: 'code/steps/01-a/2-b/a.txt',
            lines: [{...lines[1]!, change: 'added'}],
            emphasised: [],
            since: '1-a',
            whole: lines,
          },
        };
      }),
    );
    expect(block).toMatchObject({
      html: '<ins><span class="l" data-n="2">b\n</span></ins>',
      since: '1-a',
      whole: '<span class="l" data-n="1">a\n</span><span class="l" data-n="2">b\n</span>',
      length: '2',
    });
  });

  it('leaves inline code alone', () => {
    expect(run('Some `code` here.\n')).toEqual([]);
  });

  it.each([
    ['an unknown language', '\n```golnag\nx\n```\n', 'docs/a.mdx:2: unknown language “golnag”'],
    ['a near miss of a language', '```dockr\nx\n```\n', 'docs/a.mdx:1: unknown language “dockr” (did you mean “docker”?)'],
    ['no language', 'a\n\n```\nx\n```\n', 'docs/a.mdx:3: a code block without a language; write ```text'],
    ['an unknown attribute', '```go titel=x\nx\n```\n', 'docs/a.mdx:1: unknown attribute “titel” (did you mean “title”?)'],
    ['emphasis beyond the end', '```go {3}\na\nb\n```\n', 'docs/a.mdx:1: there is no line 3 to emphasise; the code has 2'],
    [
      'a console without a command',
      '```console\n# hostname\nsheep\n```\n',
      'docs/a.mdx:1: a console fence without a command; begin each command with “$ ”',
    ],
    ['two bad blocks at once', '```nope-1\nx\n```\n\n```nope-2\nx\n```\n', 'docs/a.mdx:5: unknown language “nope-2”'],
  ])('fails on %s', (_what, text, message) => {
    expect(() => run(text)).toThrow(message);
  });
});
