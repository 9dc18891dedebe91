import {access, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {LoadContext} from '@docusaurus/types';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import remarkMdx from 'remark-mdx';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {visit} from 'unist-util-visit';
import {VFile} from 'vfile';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import recordings, {remarkRecordings} from './index.ts';

let site = '';
beforeEach(async () => {
  site = await mkdtemp(path.join(os.tmpdir(), 'recordings-'));
  await write('static/recordings/01-demo.cast', demo);
});
afterEach(() => rm(site, {recursive: true}));

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(site, name)), {recursive: true});
  await writeFile(path.join(site, name), text);
}
const read = (name: string): Promise<string> => readFile(path.join(site, name), 'utf8');
async function load(): Promise<void> {
  await recordings({siteDir: site} as LoadContext).loadContent?.();
}

/** Runs the remark part over a document and gives its `<Replay>` elements. */
async function run(text: string, name = 'docs/a.mdx'): Promise<MdxJsxFlowElement[]> {
  const root = unified().use(remarkParse).use(remarkMdx).parse(text);
  await remarkRecordings({siteDir: site})(root, new VFile({path: path.join(site, name)}));
  const found: MdxJsxFlowElement[] = [];
  visit(root, 'mdxJsxFlowElement', (node: MdxJsxFlowElement) => void found.push(node));
  return found;
}

function props(node: MdxJsxFlowElement | undefined): Record<string, unknown> {
  return Object.fromEntries(
    (node?.attributes ?? []).map((attribute) => {
      if (attribute.type !== 'mdxJsxAttribute') throw new Error('no such attribute was made');
      const {name, value} = attribute;
      return [name, typeof value === 'object' && value ? (JSON.parse(value.value) as unknown) : value];
    }),
  );
}

const demo = [
  '{"version":3,"term":{"cols":40,"rows":5},"title":"A <demo>"}',
  '[0,"o","\\u001b]133;A\\u0007$ \\u001b]133;B\\u0007"]',
  '[1,"m","List <files>"]',
  '[1,"o","ls\\r\\n\\u001b]133;C\\u0007"]',
  '[0.5,"o","\\u001b[31ma&b\\u001b[0m\\r\\n\\u001b]133;D;2\\u0007\\u001b]133;A\\u0007$ \\u001b]133;B\\u0007"]',
  '[1,"o","clear\\r\\n\\u001b]133;C\\u0007\\u001b[H\\u001b[2J\\u001b]133;D;0\\u0007"]',
  '',
].join('\n');

describe('remarkRecordings', () => {
  it('gives a replay the title, size, length and steps of its recording', async () => {
    const [node] = await run('Text.\n\n<Replay src="01-demo" />\n');
    expect(props(node)).toEqual({
      src: '01-demo',
      title: 'A <demo>',
      cols: 40,
      rows: 5,
      duration: 3.5,
      steps: [{time: 1, label: 'List <files>'}],
    });
  });

  it('compiles to the values themselves', async () => {
    const [node] = await run('<Replay src="01-demo" />\n');
    const steps = node?.attributes.find((attribute) => attribute.type === 'mdxJsxAttribute' && attribute.name === 'steps');
    expect(steps).toMatchObject({
      value: {data: {estree: {body: [{expression: {type: 'ArrayExpression', elements: [{type: 'ObjectExpression'}]}}]}}},
    });
  });

  it('leaves what the author wrote as it is', async () => {
    const [node] = await run('<Replay src="01-demo" title="Mine" poster={2.5} />\n');
    expect(props(node)).toMatchObject({title: 'Mine', poster: 2.5});
    expect(node?.attributes.filter((attribute) => attribute.type === 'mdxJsxAttribute' && attribute.name === 'title')).toHaveLength(1);
  });

  it.each([
    [
      'a recording that is not there',
      '<Replay src="01-dmeo" />',
      'docs/a.mdx:3: no recording “01-dmeo” (did you mean “01-demo”?); make it with npm run record -- 01-dmeo',
    ],
    ['a replay without source', '<Replay />', 'docs/a.mdx:3: <Replay> needs src="name"'],
    ['a path', '<Replay src="../secret" />', 'docs/a.mdx:3: <Replay> needs src="name"'],
    ['a source that is computed', '<Replay src={name} />', 'docs/a.mdx:3: <Replay> needs src="name"'],
    [
      'a poster that is not a time',
      '<Replay src="01-demo" poster="first" />',
      'docs/a.mdx:3: poster of <Replay src="01-demo"> must be a number of seconds',
    ],
    [
      'a poster behind the end',
      '<Replay src="01-demo" poster={9} />',
      'static/recordings/01-demo.cast:1: poster: expected a moment within the 3.5 seconds',
    ],
  ])('fails on %s', async (_what, element, message) => {
    await expect(run(`Text.\n\n${element}\n`)).rejects.toThrow(message);
  });

  it('names file and line of what is wrong in a recording', async () => {
    await write('static/recordings/bad.cast', '{"version":3,"term":{"cols":40,"rows":5}}\n[1,"o","a"]\n[-1,"o","b"]\n');
    await expect(run('<Replay src="bad" />\n')).rejects.toThrow(
      'static/recordings/bad.cast:3: event.time: expected at least 0, found -1; record it again or mend that line',
    );
  });

  it('names the event of a recording at which a terminal would take too long', async () => {
    const resets = JSON.stringify([1, 'o', '\x1bc'.repeat(20_000)]);
    await write('static/recordings/bad.cast', `{"version":3,"term":{"cols":200,"rows":60}}\n[1,"o","a"]\n${resets}\n`);
    await expect(run('<Replay src="bad" />\n')).rejects.toThrow('static/recordings/bad.cast:1: event 2, at 2 s: expected no more work');
  });

  it('asks for a title where the recording has none', async () => {
    await write('static/recordings/untitled.cast', demo.replace(',"title":"A <demo>"', ''));
    await expect(run('<Replay src="untitled" />\n')).rejects.toThrow('docs/a.mdx:1: the recording “untitled” has no title');
    expect(props((await run('<Replay src="untitled" title="Mine" />\n'))[0])).toMatchObject({title: 'Mine'});
  });

  it('reserves room for the largest size that the terminal has', async () => {
    const sizes = ['[1,"r","60x3"]', '[1,"r","20x9"]', '[1,"r","40x5"]'];
    await write('static/recordings/sizes.cast', ['{"version":3,"term":{"cols":40,"rows":5},"title":"Sizes"}', ...sizes, ''].join('\n'));
    expect(props((await run('<Replay src="sizes" />\n'))[0])).toMatchObject({cols: 60, rows: 9});
  });

  it('says that a recording does not tell its size', async () => {
    await write('static/recordings/ci.cast', '{"version":2,"width":0,"height":0,"title":"CI"}\n[0,"o","ok"]\n');
    expect(props((await run('<Replay src="ci" />\n'))[0])).toMatchObject({cols: 80, rows: 24, sizeUnknown: true});
    expect(props((await run('<Replay src="01-demo" />\n'))[0])).not.toHaveProperty('sizeUnknown');
  });

  it('tells of all that is wrong in a document at once', async () => {
    await expect(run('<Replay src="a" />\n\n<Replay src="b" />\n\n<Replay />\n')).rejects.toThrow(/a\.mdx:5: [^]*a\.mdx:1: [^]*a\.mdx:3: /);
  });
});

describe('the recordings plugin', () => {
  it('derives an index, a poster and a transcript from each recording', async () => {
    await load();
    expect((await readdir(path.join(site, '.derived/recordings'))).sort()).toEqual([
      '01-demo.json',
      '01-demo.poster.html',
      '01-demo.transcript.html',
    ]);
    expect(JSON.parse(await read('.derived/recordings/01-demo.json'))).toMatchObject({
      cols: 40,
      duration: 3.5,
      markers: [{time: 1, label: 'List <files>'}],
      commands: [
        {text: 'ls', output: 'a&b', exit: 2},
        {text: 'clear', exit: 0},
      ],
      keyframes: [{time: 0, event: 0}],
    });
  });

  it('chooses for the poster a moment that shows much, and draws it in colour', async () => {
    await load();
    const poster = await read('.derived/recordings/01-demo.poster.html');
    expect(poster).toContain('<div>$ ls</div><div><span class="ansi-fg-1">a&amp;b</span></div>');
    expect(poster.match(/<div>/g)).toHaveLength(5);
  });

  it('draws the poster that a document asks for', async () => {
    await write('docs/a.mdx', '# A\n\n<Replay src="01-demo" poster={1} />\n');
    await load();
    expect(await read('.derived/recordings/01-demo.poster.html')).not.toContain('a&amp;b');
    await write('docs/a.mdx', '# A\n\n<Replay src="01-demo" poster={3} />\n');
    await load();
    expect(await read('.derived/recordings/01-demo.poster.html')).toContain('a&amp;b');
    await write('docs/a.mdx', '# A\n\n<Replay src="01-demo" poster={1} />\n');
    await load();
    expect(await read('.derived/recordings/01-demo.poster.html')).not.toContain('a&amp;b');
  });

  it('writes the transcript as text, with captions, prompt, time and status', async () => {
    await load();
    expect(await read('.derived/recordings/01-demo.transcript.html')).toBe(
      '<p class="transcript-caption" data-time="1">List &lt;files&gt;</p>' +
        '<div class="transcript-command" data-time="2"><time class="transcript-time" datetime="PT2S">0:02</time><pre class="transcript-line">' +
        '<span class="transcript-prompt">$ </span><kbd>ls</kbd></pre><pre class="transcript-output"><samp>a&amp;b</samp></pre>' +
        '<p class="transcript-exit">Exit status 2</p></div>' +
        '<div class="transcript-command" data-time="3.5"><time class="transcript-time" datetime="PT3.5S">0:03</time><pre class="transcript-line">' +
        '<span class="transcript-prompt">$ </span><kbd>clear</kbd></pre></div>',
    );
  });

  it('does nothing again until a recording changes', async () => {
    await load();
    const index = path.join(site, '.derived/recordings/01-demo.json');
    const before = (await stat(index)).mtimeMs;
    await load();
    expect((await stat(index)).mtimeMs).toBe(before);
    await write('static/recordings/01-demo.cast', demo.replace('a&b', 'other'));
    await load();
    expect(await read('.derived/recordings/01-demo.json')).toContain('other');
  });

  it('makes again what somebody removed', async () => {
    await load();
    await rm(path.join(site, '.derived/recordings/01-demo.poster.html'));
    await load();
    await access(path.join(site, '.derived/recordings/01-demo.poster.html'));
  });

  it('removes what was derived from recordings that are no more', async () => {
    await write('static/recordings/old.cast', demo);
    await load();
    await rm(path.join(site, 'static/recordings/old.cast'));
    await load();
    expect((await readdir(path.join(site, '.derived/recordings'))).filter((name) => name.startsWith('old'))).toEqual([]);
  });

  it('needs no recordings', async () => {
    await rm(path.join(site, 'static'), {recursive: true});
    await load();
  });

  it('fails on recordings that cannot be read, also where no document plays them, all at once', async () => {
    await write('static/recordings/a.cast', 'x');
    await write('static/recordings/b.cast', '{"version":9}\n');
    await expect(load()).rejects.toThrow(/static\/recordings\/a\.cast:1: header: [^]*static\/recordings\/b\.cast:1: header\.version: /);
  });

  it('fails when two documents ask for different posters', async () => {
    await write('docs/a.mdx', '# A\n\n<Replay src="01-demo" poster={1} />\n');
    await write('blog/b.mdx', '# B\n\n<Replay src="01-demo" />\n');
    await expect(load()).rejects.toThrow('blog/b.mdx:3: <Replay src="01-demo"> asks for another poster than docs/a.mdx:3');
  });
});

describe('watch.cjs', () => {
  it('names the recordings to the bundler and leaves the document as it is', async () => {
    const {default: watch} = (await import('./watch.cjs')) as {default: (this: unknown, source: string) => string};
    const dependencies: string[] = [];
    const loader = {getOptions: () => ({folder: '/casts'}), addDependency: (file: string) => void dependencies.push(file)};
    const text = '<Replay src="a" />\n\n<Replay\n  poster={1}\n  src="b-2"\n/>\n';
    expect(watch.call(loader, text)).toBe(text);
    expect(dependencies).toEqual([path.join('/casts', 'a.cast'), path.join('/casts', 'b-2.cast')]);
  });
});
