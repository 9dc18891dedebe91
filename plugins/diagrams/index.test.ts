import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import remarkMdx from 'remark-mdx';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {visit} from 'unist-util-visit';
import {VFile} from 'vfile';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {describe as describeDrawing, remarkDiagrams} from './index.ts';
import {hashOf} from './source.ts';

let site = '';
beforeEach(async () => {
  site = await mkdtemp(path.join(os.tmpdir(), 'diagrams-'));
  await write('node_modules/mermaid/package.json', '{"name": "mermaid", "version": "9.9.9"}');
});
afterEach(() => rm(site, {recursive: true}));

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(site, name)), {recursive: true});
  await writeFile(path.join(site, name), text);
}

const source = 'flowchart LR\n  accTitle: Two & “two”\n  accDescr: One leads to the other.\n  a --> b';
const document = `Text.\n\n\`\`\`mermaid\n${source}\n\`\`\`\n`;
const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 156" width="99" height="156"><title id="x-t">Two &amp; “two”</title></svg>\n';

async function run(text: string, options: {draw: boolean; canDraw?: () => boolean}): Promise<Record<string, unknown>[]> {
  const root = unified().use(remarkParse).use(remarkMdx).parse(text);
  await remarkDiagrams({siteDir: site, ...options})(root, new VFile({path: path.join(site, 'docs/a.mdx')}));
  const found: Record<string, unknown>[] = [];
  visit(root, 'mdxJsxFlowElement', (node: MdxJsxFlowElement) => {
    if (node.name === 'Diagram')
      found.push(
        Object.fromEntries(node.attributes.map((attribute) => ('name' in attribute ? [attribute.name, attribute.value] : []))) as Record<
          string,
          unknown
        >,
      );
  });
  return found;
}

describe('remarkDiagrams', () => {
  it('puts the committed drawing in the place of the fence, with the room to keep for it', async () => {
    const hash = hashOf(source, '9.9.9');
    await write(`static/diagrams/${hash}.svg`, svg);
    expect(await run(document, {draw: false})).toEqual([{src: `/diagrams/${hash}.svg`, width: '99', height: '156', title: 'Two & “two”'}]);
  });

  it('fails the build where the drawing is missing or stale, and says which command to run', async () => {
    await write(`static/diagrams/${hashOf(source, '9.9.8')}.svg`, svg);
    await expect(run(document, {draw: false})).rejects.toThrow(
      'docs/a.mdx:3: this diagram is new or has changed since it was drawn; run: npm run diagrams',
    );
  });

  it('does not let a build use what npm start drew', async () => {
    await write(`.derived/diagrams/${hashOf(source, '9.9.9')}.svg`, svg);
    await expect(run(document, {draw: false})).rejects.toThrow('run: npm run diagrams');
    expect(await run(document, {draw: true})).toHaveLength(1);
  });

  it('says in the figure what is missing where npm start cannot draw', async () => {
    const [props] = await run(document, {draw: true, canDraw: () => false});
    expect(props?.missing).toMatch(/^This diagram is new or has changed, and to draw it takes Chromium: .*Then run: npm run diagrams$/);
    expect(props).not.toHaveProperty('src');
  });

  it('fails on a diagram without description, in the build and in npm start', async () => {
    const bare = document.replace(/ {2}accDescr.*\n/, '');
    for (const draw of [true, false]) await expect(run(bare, {draw})).rejects.toThrow('docs/a.mdx:3: a diagram needs a description');
  });

  it('fails on a diagram that is in the page twice, for ids are unique in a page', async () => {
    await write(`static/diagrams/${hashOf(source, '9.9.9')}.svg`, svg);
    await expect(run(`${document}\n${document}`, {draw: false})).rejects.toThrow('docs/a.mdx:12: this diagram is on line 3 already');
  });

  it('leaves other fences alone', async () => {
    expect(await run('```text\nflowchart\n```\n', {draw: false})).toEqual([]);
    expect(await readdir(site)).toEqual(['node_modules']);
  });
});

describe('describe', () => {
  it('reads size and title', () => {
    expect(describeDrawing(svg)).toEqual({width: '99', height: '156', title: 'Two & “two”'});
  });
});

describe('watch.cjs', () => {
  it('makes documents with diagrams, and only those, depend on the drawings', async () => {
    const {default: watch} = (await import('./watch.cjs')) as {default: (this: unknown, source: string) => string};
    const dependencies: string[] = [];
    const loader = {getOptions: () => ({folders: ['/a', '/b']}), addContextDependency: (folder: string) => void dependencies.push(folder)};
    expect(watch.call(loader, 'plain')).toBe('plain');
    expect(dependencies).toEqual([]);
    expect(watch.call(loader, document)).toBe(document);
    expect(dependencies).toEqual(['/a', '/b']);
  });
});
