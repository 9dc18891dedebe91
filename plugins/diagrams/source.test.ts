import {describe, expect, it} from 'vitest';
import {format} from '../markdown/problems.ts';
import {hashOf, mermaidVersion, prepare, readDiagram} from './source.ts';

const head = 'flowchart LR\n  accTitle: A title\n  accDescr: A description\n';
const read = (value: string, meta = '') => readDiagram({file: 'docs/a.mdx', line: 10, lang: 'mermaid', meta, value}, '11.0.0');
const problemsOf = (value: string, meta = ''): string[] => format(read(value, meta).problems).split('\n').filter(Boolean);

describe('readDiagram', () => {
  it('takes a diagram with title and description', () => {
    expect(problemsOf(`${head}  a:::host --> b:::kernel\n  class a container\n`)).toEqual([]);
    expect(problemsOf('sequenceDiagram\n  accTitle: T\n  accDescr {\n    Two\n    lines\n  }\n  A->>B: x\n')).toEqual([]);
  });

  it.each([
    ['no title', 'flowchart LR\n  accDescr: d\n  a --> b\n', 'docs/a.mdx:10: a diagram needs a title'],
    ['an empty title', 'flowchart LR\n  accTitle:\n  accDescr: d\n  a --> b\n', 'docs/a.mdx:10: a diagram needs a title'],
    ['no description', 'flowchart LR\n  accTitle: t\n  a --> b\n', 'docs/a.mdx:10: a diagram needs a description'],
    ['an empty description', 'flowchart LR\n  accTitle: t\n  accDescr {\n  }\n  a --> b\n', 'docs/a.mdx:10: a diagram needs a description'],
    [
      'classDef',
      `${head}  classDef x fill:#f00\n`,
      'docs/a.mdx:14: classDef sets colours that are wrong in light or in dark; give nodes a class instead: :::host',
    ],
    ['style', `${head}  a --> b\n  style a fill:#f00\n`, 'docs/a.mdx:15: style sets colours'],
    ['linkStyle', `${head}  a --> b\n  linkStyle 0 stroke:red\n`, 'docs/a.mdx:15: linkStyle sets colours'],
    ['an unknown class', `${head}  a:::contanier --> b\n`, 'docs/a.mdx:14: no class “contanier” (did you mean “container”?)'],
    ['an unknown class given apart', `${head}  a --> b\n  class a,b red\n`, 'docs/a.mdx:15: no class “red”'],
    ['a directive', `%%{init: {"theme": "dark"}}%%\n${head}  a --> b\n`, 'docs/a.mdx:11: %%{…}%% changes how this one diagram looks'],
    ['front matter', `---\ntitle: x\n---\n${head}  a --> b\n`, 'docs/a.mdx:11: a diagram takes no front matter'],
  ])('refuses %s', (_what, value, problem) => {
    expect(problemsOf(value)).toEqual([expect.stringContaining(problem)]);
  });

  it('refuses attributes of the fence', () => {
    expect(problemsOf(`${head}  a --> b\n`, 'title=x')).toEqual([
      expect.stringContaining('docs/a.mdx:10: a diagram takes no attributes; remove “title=x”'),
    ]);
  });
});

describe('hashOf', () => {
  it('changes with the source and with the version of Mermaid, and with nothing else', () => {
    expect(hashOf('a', '1')).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf('a', '1')).toBe(hashOf('a', '1'));
    expect(new Set([hashOf('a', '1'), hashOf('b', '1'), hashOf('a', '2')]).size).toBe(3);
    expect(read(`${head}  a --> b\r\n`).diagram.hash).toBe(read(`${head}  a --> b\n\n`).diagram.hash);
  });

  it('finds the version that is installed', () => {
    expect(mermaidVersion(process.cwd())).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('prepare', () => {
  it('keeps the number of lines where there are comments, and counts what Mermaid skips at the start', () => {
    expect(prepare('sequenceDiagram\n  %% why\n  A->>B: x')).toEqual({text: 'sequenceDiagram\n\n  A->>B: x', offset: 0});
    expect(prepare('%% why\n\nsequenceDiagram\n  A->>B: x')).toEqual({text: '\n\nsequenceDiagram\n  A->>B: x', offset: 2});
  });

  it('defines the classes after the last line, where diagrams have classes', () => {
    expect(prepare('flowchart LR\n  a').text).toMatch(
      /^flowchart LR\n {2}a\nclassDef host fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}\n/,
    );
    expect(prepare('stateDiagram-v2\n  a').text).toContain('classDef kernel');
  });
});
