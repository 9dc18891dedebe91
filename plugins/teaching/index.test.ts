import {cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {Root} from 'mdast';
import {visit} from 'unist-util-visit';
import {VFile} from 'vfile';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {parseDocument} from '../markdown/documents.ts';
import {textOf, type Jsx} from '../markdown/jsx.ts';
import {remarkProofs, remarkRecall, remarkStages, remarkUnclear} from './index.ts';

const repository = 'https://forge.example/fork';
let siteDir: string;

const chapter = `---
title: A chapter
description: D
---

## Check {/* #check */}

<Quiz id="names">

<Question id="question-same">

See [below](#check), [the file](./glossary.mdx#pid), [a site](https://a.example/b) and [this][ref].

[ref]: /docs/setup/

<Choice>One</Choice>
<Why>

Not one.

</Why>
<Choice correct>Two</Choice>
<Why>

Two, as \`{2}\`.

</Why>

</Question>

<Question id="question-pid">

Which?

<Choice correct>This</Choice>
<Why>Yes.</Why>
<Choice>That</Choice>
<Why>No.</Why>

</Question>

</Quiz>
`;

beforeAll(() => {
  siteDir = mkdtempSync(path.join(os.tmpdir(), 'teaching-'));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(siteDir, file)), {recursive: true});
    writeFileSync(path.join(siteDir, file), text);
  };
  write('docs/01-names.mdx', chapter);
  write('docs/glossary.mdx', '');
  for (const stage of ['1-first', '2-second', '10-tenth']) write(`code/steps/01-names/${stage}/main.go`, 'package main\n');
  write('code/steps/01-names/main.go', 'package main\n');
  write('code/steps/02-parts/1-first/main.go', 'package main\n');
  write(
    'static/experiments/01-1-name.json',
    JSON.stringify({
      title: 'A name',
      kernel: '6.1.0',
      date: '2026-06-01',
      commands: [{prompt: '#', command: 'hostname', output: 'sheep', status: 0}],
    }),
  );
  cpSync(path.join(siteDir, 'static/experiments/01-1-name.json'), path.join(siteDir, 'static/experiments/01-2-name.json'));
});
afterAll(() => rmSync(siteDir, {recursive: true}));

type Transform = (root: Root, file: VFile) => void | Promise<void>;

/** The document when a plugin has run on it. */
async function run(plugin: Transform, text: string, data: Record<string, unknown> = {}): Promise<Root> {
  const root = parseDocument('docs/02-other.mdx', text);
  await plugin(root, new VFile({path: path.join(siteDir, 'docs/02-other.mdx'), data}));
  return root;
}

function elements(root: Root, name: string): Jsx[] {
  const found: Jsx[] = [];
  visit(root, ['mdxJsxFlowElement', 'mdxJsxTextElement'], (node) => {
    if ((node as Jsx).name === name) found.push(node as Jsx);
  });
  return found;
}

const values = (node: Jsx | undefined, ...names: string[]): (string | undefined)[] => names.map((name) => node && textOf(node, name));

describe('remarkStages', () => {
  const stages = (text: string): Promise<Root> => run(remarkStages({siteDir, repository, branch: 'main'}), text);

  it.each([
    ['01-names/2-second', ['2', '4', '2-second/main.go', `${repository}/tree/main/code/steps/01-names/2-second`]],
    ['01-names/10-tenth', ['3', '4', '10-tenth/main.go', `${repository}/tree/main/code/steps/01-names/10-tenth`]],
    ['01-names', ['4', '4', 'main.go', `${repository}/tree/main/code/steps/01-names`]],
    ['02-parts/1-first', ['1', '1', '1-first/main.go', `${repository}/tree/main/code/steps/02-parts/1-first`]],
  ])('%s has its place among the stages, and an address', async (of, place) => {
    const root = await stages(`<Stage of="${of}">\n\ntext\n\n</Stage>\n`);
    expect(values(elements(root, 'Stage')[0], 'number', 'total', 'label', 'href')).toEqual(place);
  });

  it.each([
    [
      '01-names/2-secnod',
      'docs/02-other.mdx:3: <Stage of="01-names/2-secnod">: there is no such stage (did you mean “01-names/2-second”?); ' +
        'there is 01-names/1-first, 01-names/2-second, 01-names/10-tenth, 01-names',
    ],
    [
      '01-name/1-first',
      'docs/02-other.mdx:3: <Stage of="01-name/1-first">: there is no folder code/steps/01-name (did you mean “01-names”?)',
    ],
    ['01-names/1-first/main.go', 'docs/02-other.mdx:3: <Stage of="01-names/1-first/main.go">: there is no such stage'],
    ['02-parts', 'docs/02-other.mdx:3: <Stage of="02-parts"> is the whole program, and there is no code/steps/02-parts/main.go'],
    ['', 'docs/02-other.mdx:3: <Stage> needs of="…"'],
  ])('refuses %j', async (of, problem) => {
    await expect(stages(`Text.\n\n<Stage of="${of}">\n\ntext\n\n</Stage>\n`)).rejects.toThrow(problem);
  });
});

describe('remarkProofs', () => {
  const proofs = (text: string): Promise<Root> => run(remarkProofs({siteDir}), text);

  it('holds the fence of the experiment, its title, kernel and day', async () => {
    const root = await proofs('Text.\n\n<Proof of="01-1-name" commands="1" />\n');
    const [proof] = elements(root, 'Proof');
    expect(values(proof, 'title', 'kernel', 'date')).toEqual(['A name', '6.1.0', '2026-06-01']);
    expect(proof?.children).toEqual([
      expect.objectContaining({type: 'code', lang: 'console', meta: 'of=01-1-name commands=1', value: '', position: proof?.position}),
    ]);
  });

  it('shows all commands where none are named', async () => {
    const [proof] = elements(await proofs('<Proof of="01-1-name" />\n'), 'Proof');
    expect(proof?.children).toEqual([expect.objectContaining({meta: 'of=01-1-name'})]);
  });

  it.each([
    [
      '<Proof of="01-1-nam" />',
      'docs/02-other.mdx:3: <Proof of="01-1-nam">: there is no static/experiments/01-1-nam.json (did you mean “01-1-name”?)',
    ],
    ['<Proof of="../x" />', 'docs/02-other.mdx:3: <Proof of="../x">: of=../x is not the name of an experiment'],
    ['<Proof />', 'docs/02-other.mdx:3: <Proof> needs of="…"'],
    ['It is so. <Proof of="01-1-name" />', 'docs/02-other.mdx:3: <Proof of="01-1-name" /> stands in a line of text'],
    ['<Proof of="01-1-name">\n\ntext\n\n</Proof>', 'docs/02-other.mdx:3: <Proof of="01-1-name"> fills itself'],
  ])('refuses %j', async (text, problem) => {
    await expect(proofs(`Text.\n\n${text}\n`)).rejects.toThrow(problem);
  });
});

describe('remarkRecall', () => {
  const recalled = (text: string): Promise<Root> => run(remarkRecall({siteDir}), text);

  it('asks the questions of another chapter, in the order named, under ids of their own', async () => {
    const root = await recalled('Text.\n\n<Recall of="names/question-pid, names/question-same" />\n');
    const [quiz] = elements(root, 'Quiz');
    expect(values(quiz, 'id')).toEqual(['recall-other']);
    expect(elements(root, 'Question').map((node) => textOf(node, 'id'))).toEqual([
      'recall-names-question-pid',
      'recall-names-question-same',
    ]);
    // As MDX would have it: choices and explanations stand in the question, not in a paragraph of it.
    expect(
      quiz?.children.map((node) => ('children' in node ? node.children.map((child) => ('name' in child ? child.name : child.type)) : [])),
    ).toEqual([
      ['paragraph', 'Choice', 'Why', 'Choice', 'Why'],
      ['paragraph', 'definition', 'Choice', 'Why', 'Choice', 'Why'],
    ]);
    expect(elements(root, 'Choice').map((node) => node.attributes.length)).toEqual([1, 0, 0, 1]);
  });

  it('says what is wrong with a question at the line that asks for it', async () => {
    const root = await recalled('Text.\n\n<Recall of="names/question-same" />\n');
    const lines: (number | undefined)[] = [];
    for (const quiz of elements(root, 'Quiz')) {
      visit(quiz, (node) => {
        lines.push(node.position?.start.line);
      });
    }
    expect(new Set(lines)).toEqual(new Set([3]));
  });

  it('leads to the chapter, and its links lead where they led', async () => {
    const root = await recalled('<Recall of="names/question-same" />\n');
    const links: string[] = [];
    visit(root, 'link', (node) => void links.push(node.url));
    expect(links).toEqual(['/docs/names/#check', '/docs/glossary/#pid', 'https://a.example/b', '/docs/setup/', '/docs/names/']);
  });

  it('may stand in a document more than once', async () => {
    const root = await recalled('<Recall of="names/question-pid" />\n\n<Recall of="names/question-pid" />\n');
    const ids = [...elements(root, 'Quiz'), ...elements(root, 'Question')].map((node) => textOf(node, 'id'));
    expect(ids).toEqual(['recall-other', 'recall2-other', 'recall-names-question-pid', 'recall2-names-question-pid']);
  });

  it.each([
    ['nams/question-pid', 'docs/02-other.mdx:3: <Recall>: there is no chapter “nams” (did you mean “names”?); there is names'],
    [
      'names/question-pit',
      'docs/02-other.mdx:3: <Recall>: docs/01-names.mdx has no question “question-pit” (did you mean “question-pid”?); ' +
        'it has question-same, question-pid',
    ],
    ['names', 'docs/02-other.mdx:3: <Recall>: docs/01-names.mdx has no question “”'],
    ['', 'docs/02-other.mdx:3: <Recall> needs of="…"'],
  ])('refuses %j', async (of, problem) => {
    await expect(recalled(`Text.\n\n<Recall of="${of}" />\n`)).rejects.toThrow(problem);
  });
});

describe('remarkUnclear', () => {
  const site = 'https://site.example/base/';

  it('ends each part with a link that opens an issue about it', async () => {
    const text = 'Opening.\n\n## One `thing` {/* #one */}\n\n### Within {/* #within */}\n\nText.\n\n## Two {/* #two */}\n';
    const root = await run(remarkUnclear({siteDir, repository, site}), text, {frontMatter: {title: 'A: chapter'}});
    expect(root.children.map((node) => ('name' in node ? node.name : node.type))).toEqual([
      ...['paragraph', 'heading', 'heading', 'paragraph', 'Unclear'],
      ...['heading', 'Unclear'],
    ]);
    const [first, second] = elements(root, 'Unclear');
    const url = new URL(values(first, 'href')[0] ?? '');
    expect(url.origin + url.pathname).toBe(`${repository}/issues/new`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      template: 'question.yml',
      title: 'Unclear: One thing',
      where: 'A: chapter, “One thing”: https://site.example/base/docs/other/#one',
    });
    expect(values(second, 'part')).toEqual(['Two']);
  });

  it('is for chapters alone', () => {
    const root = parseDocument('docs/glossary.mdx', '## One\n');
    remarkUnclear({siteDir, repository, site})(root, new VFile({path: path.join(siteDir, 'docs/glossary.mdx')}));
    expect(elements(root, 'Unclear')).toEqual([]);
  });
});

describe('watch.cjs', () => {
  it('names to the bundler the chapters that are recalled and the folders of the stages', async () => {
    const {default: watch} = (await import('./watch.cjs')) as {default: (this: unknown, source: string) => string};
    const dependencies: string[] = [];
    const add = (file: string): void => void dependencies.push(path.relative(siteDir, file));
    const loader = {getOptions: () => ({siteDir}), addDependency: add, addContextDependency: add};
    const text = '<Recall\n  of="names/question-pid, gone/x" />\n\n<Stage of="01-names/1-first">\n\n</Stage>\n\n`of="01-names"`\n';
    expect(watch.call(loader, text)).toBe(text);
    expect(dependencies).toEqual(['docs/01-names.mdx', 'code/steps/01-names']);
  });
});
