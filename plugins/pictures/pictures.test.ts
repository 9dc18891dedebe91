// @vitest-environment jsdom
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import {VFile} from 'vfile';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {checkElement} from '../markdown/components.ts';
import {parseDocument} from '../markdown/documents.ts';
import {figuresFolder, ownColour} from './drawing.ts';
import {platesFolder, remarkPictures} from './index.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const result = {
  title: 'Two of them',
  kernel: '6.1.0',
  date: '2026-06-01',
  commands: [
    {prompt: '#', command: 'look', output: 'a uts:[4026531838]\nb uts:[4026532172]', status: 0},
    {prompt: '#', command: 'numbers', output: 'sh NSpid:     222     1', status: 0},
  ],
};
const drawing =
  '<svg viewBox="0 0 100 50">\n  <title>A title</title>\n  <desc>All of it.</desc>\n  <text x="1">{{01-two 2 NSpid: +([0-9]+)}}</text>\n</svg>\n';

let siteDir: string;
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(siteDir, file)), {recursive: true});
  writeFileSync(path.join(siteDir, file), text);
};
beforeEach(() => {
  siteDir = mkdtempSync(path.join(os.tmpdir(), 'pictures-'));
  write('static/experiments/01-two.json', JSON.stringify(result, null, 2));
  write('static/plates/namespaces.svg', drawing);
});
afterEach(() => rmSync(siteDir, {recursive: true}));

/** What the elements of a document become: their names and props, and the markup that they show. */
async function made(text: string): Promise<{name: string | null; props: Record<string, unknown>; html: string}[]> {
  const root = parseDocument('docs/a.mdx', text);
  await remarkPictures({siteDir})(root, new VFile({path: path.join(siteDir, 'docs/a.mdx')}));
  return (root.children as MdxJsxFlowElement[]).map(({name, attributes}) => {
    const props = Object.fromEntries(attributes.flatMap((each) => (each.type === 'mdxJsxAttribute' ? [[each.name, each.value]] : [])));
    const {src} = props;
    return {name, props, html: typeof src === 'string' ? readFileSync(path.join(siteDir, '.derived', src), 'utf8') : ''};
  });
}

describe('remarkPictures', () => {
  it('writes a table of an experiment, headed by its title or a caption, and says how many rows to keep room for', async () => {
    const [matrix, rulers] = await made('<Matrix of="01-two" caption="Mine" />\n\n<Rulers of="01-two" />');
    expect(matrix).toMatchObject({name: 'Picture', props: {kind: 'matrix', rows: '1'}});
    expect(matrix?.html).toContain('<caption>Mine</caption>');
    expect(rulers?.html).toContain('<caption>Two of them</caption>');
  });

  it('fills a drawing with what an experiment says, names it, and says what room to keep', async () => {
    write('src/figures/x.svg', drawing);
    write('src/figures/x.narrow.svg', drawing.replace('100 50', '40 80'));
    const [figure] = await made('<Figure name="x" />');
    expect(figure?.props).toEqual({
      src: '/pictures/figure-x.html',
      kind: 'figure',
      width: '100',
      wide: '100 / 50',
      narrow: '40 / 80',
      caption: 'A title',
    });
    const [wide, narrow] = new DOMParser().parseFromString(figure?.html ?? '', 'text/html').querySelectorAll('svg');
    expect(wide?.querySelector('text')?.textContent).toBe('222');
    for (const svg of [wide, narrow]) {
      expect(svg?.querySelector(`title#${svg.getAttribute('aria-labelledby')}`)?.textContent).toBe('A title');
      expect(svg?.querySelector(`desc#${svg.getAttribute('aria-describedby')}`)?.textContent).toBe('All of it.');
    }
    expect(wide?.getAttribute('aria-labelledby')).not.toBe(narrow?.getAttribute('aria-labelledby'));
  });

  it('sets drawings of one figure side by side, or one above the other', async () => {
    for (const number of [2, 1]) write(`src/figures/x.${number}.svg`, drawing.replace('A title', `Moment ${number}`));
    const [figure] = await made('<Figure name="x" />');
    expect(figure?.props).toMatchObject({width: '200', wide: '200 / 50', narrow: '100 / 100'});
    expect(figure?.html.match(/Moment \d/g)).toEqual(['Moment 1', 'Moment 2']);
  });

  it.each([
    ['<Matrix of="01-tow" />', 'there is no static/experiments/01-tow.json (did you mean “01-two”?)'],
    ['<Matrix />', 'docs/a.mdx:3: <Matrix> shows an experiment'],
    ['<Rulers of="01-two" levels="one, two, three" />', '01-two has 2 PID namespaces'],
    ['<Figure name="y" />', 'docs/a.mdx:3: there is no figure “y” (did you mean “x”?)'],
    ['<Plate chapter="namespace" />', 'docs/a.mdx:3: there is no plate of the chapter “namespace” (did you mean “namespaces”?)'],
  ])('refuses %s', async (element, problem) => {
    write('src/figures/x.svg', drawing);
    await expect(made(`a\n\n${element}`)).rejects.toThrow(problem);
  });

  it.each([
    ['fill="#fff"', drawing.replace('x="1"', 'fill="#fff"'), 'src/figures/x.svg:4: fill="#fff is one colour for light and dark'],
    ['stroke:red', drawing.replace('x="1"', 'style="stroke:red"'), 'src/figures/x.svg:4: stroke:red is one colour'],
    ['no title', drawing.replace(/<title>.*<\/title>/, ''), 'src/figures/x.svg:1: a figure needs a <title>'],
    ['no description', drawing.replace(/<desc>.*<\/desc>/, ''), 'src/figures/x.svg:1: a figure needs a <desc>'],
    ['a script', drawing.replace('x="1"', 'onclick="a()"'), 'src/figures/x.svg:4: a figure has shapes and text'],
    [
      'an experiment that says something else',
      drawing.replace('NSpid: ', 'Pid: '),
      'src/figures/x.svg:4: {{01-two 2 Pid: +([0-9]+)}}: finds nothing',
    ],
    ['a command that is not there', drawing.replace('01-two 2', '01-two 3'), '01-two has 2 commands'],
    ['a hole that is none', drawing.replace('01-two 2 ', ''), 'src/figures/x.svg:4: what an experiment says is written'],
  ])('refuses a drawing with %s', async (_, svg, problem) => {
    write('src/figures/x.svg', svg);
    await expect(made('a\n\n<Figure name="x" />')).rejects.toThrow(`docs/a.mdx:3: <Figure>: `);
    await expect(made('a\n\n<Figure name="x" />')).rejects.toThrow(problem);
  });
});

it('knows the props of the elements that it replaces', () => {
  const [element] = parseDocument('a.mdx', '<Matrix off="x" />').children;
  expect(checkElement(element as MdxJsxFlowElement, new Set())).toEqual([
    '<Matrix> has no prop “off” (did you mean “of”?); it takes of, caption',
  ]);
});

describe.each(
  [figuresFolder, platesFolder].flatMap((folder) => readdirSync(path.join(repository, folder)).map((file) => `${folder}/${file}`)),
)('%s', (file) => {
  const text = readFileSync(path.join(repository, file), 'utf8');
  const svg = new DOMParser().parseFromString(text, 'image/svg+xml');

  it('is well-formed, with a title and a description', () => {
    expect(svg.querySelector('parsererror')?.textContent).toBeUndefined();
    expect(svg.querySelector('svg > title')?.textContent.trim()).not.toBe('');
    expect(svg.querySelector('svg > desc')?.textContent.trim().length).toBeGreaterThan(80);
  });

  it('has colours by classes and variables alone', () => {
    expect(ownColour.exec(text)?.[0]).toBeUndefined();
  });

  it('is small', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(6_000);
  });

  it('writes no number of a process by hand', () => {
    const words = [...svg.querySelectorAll('text')].map(({textContent}) => textContent.replace(/\{\{.*?\}\}|2-pid|01-namespaces/g, ''));
    expect(words.filter((each) => /\d/.test(each))).toEqual([]);
  });
});
