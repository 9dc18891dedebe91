import {mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {format} from '../../plugins/markdown/problems.ts';
import type {Diagram} from '../../plugins/diagrams/source.ts';
import {diagrams, type Result} from './diagrams.ts';

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

const fence = (body: string): string => `\`\`\`mermaid\nflowchart LR\naccTitle: t\naccDescr: d\n${body}\n\`\`\`\n`;
const drawings = async (): Promise<string[]> => (await readdir(path.join(site, 'static/diagrams')).catch(() => [])).sort();

async function run(check = false): Promise<{result: Result; drawn: string[]; lines: string[]}> {
  const drawn: string[] = [];
  const lines: string[] = [];
  const result = await diagrams({
    siteDir: site,
    check,
    log: (line) => lines.push(line),
    render: (diagram: Diagram) => {
      drawn.push(diagram.source.split('\n').at(-1) ?? '');
      return Promise.resolve(
        diagram.source.includes('bad')
          ? {problem: {file: diagram.file, line: diagram.line + 4, message: 'Mermaid did not expect bad'}}
          : {svg: `<svg>${drawn.at(-1)}</svg>`},
      );
    },
  });
  return {result, drawn, lines};
}

describe('diagrams', () => {
  it('draws what is missing, keeps what is there, removes what nobody needs', async () => {
    await write('docs/a.mdx', `${fence('one')}\n${fence('two')}`);
    await write('blog/b.mdx', fence('one'));
    const first = await run();
    expect(first.drawn).toEqual(['one', 'two']);
    expect(first.lines[0]).toMatch(/^blog\/b\.mdx:1: drew static\/diagrams\/[0-9a-f]{16}\.svg$|^docs\/a\.mdx:1: drew/);
    expect(first.result).toMatchObject({drawn: 2, kept: 0, removed: 0, problems: []});
    const names = await drawings();
    expect(names).toHaveLength(2);
    expect(await readFile(path.join(site, 'static/diagrams', names[0]!), 'utf8')).toMatch(/^<svg>(one|two)<\/svg>$/);

    await write('docs/a.mdx', fence('three'));
    const second = await run();
    expect(second.drawn).toEqual(['three']);
    expect(second.result).toMatchObject({drawn: 1, kept: 1, removed: 1});
    expect(await drawings()).toHaveLength(2);
  });

  it('only tells under --check', async () => {
    await write('docs/a.mdx', `text\n\n${fence('one')}`);
    await write('static/diagrams/0123456789abcdef.svg', '<svg/>');
    const {result, drawn} = await run(true);
    expect(drawn).toEqual([]);
    expect(format(result.problems).split('\n')).toEqual([
      'docs/a.mdx:3: this diagram is new or has changed since it was drawn; run: npm run diagrams',
      'static/diagrams/0123456789abcdef.svg:1: no document has this diagram any more; run: npm run diagrams',
    ]);
    expect(await drawings()).toEqual(['0123456789abcdef.svg']);
  });

  it('draws the others when one is wrong, and removes nothing', async () => {
    await write('docs/a.mdx', `${fence('bad')}\n${fence('good')}`);
    await write('static/diagrams/0123456789abcdef.svg', '<svg/>');
    const {result} = await run();
    expect(format(result.problems)).toBe('docs/a.mdx:5: Mermaid did not expect bad');
    expect(result).toMatchObject({drawn: 1, removed: 0});
    expect(await drawings()).toContain('0123456789abcdef.svg');
  });

  it('tells of documents that cannot be read', async () => {
    await write('docs/a.mdx', '<div>\n');
    expect(format((await run()).result.problems)).toMatch(/^docs\/a\.mdx:\d+: /);
  });
});
