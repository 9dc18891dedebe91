// @vitest-environment jsdom
import {readFileSync} from 'node:fs';
import {afterAll, describe, expect, it} from 'vitest';
import {findChromium} from '../../host/browser.ts';
import {parseFences} from '../markdown/documents.ts';
import {Renderer, type Drawing} from './render.ts';
import {readDiagram} from './source.ts';

const renderer = new Renderer(process.cwd());
afterAll(() => renderer.close());

const draw = (value: string): Promise<Drawing> =>
  renderer.render(readDiagram({file: 'docs/a.mdx', line: 10, lang: 'mermaid', meta: '', value}, '0').diagram);

async function svgOf(value: string): Promise<SVGSVGElement> {
  const drawing = await draw(value);
  if ('problem' in drawing) throw new Error(drawing.problem.message);
  document.body.innerHTML = drawing.svg;
  return document.querySelector('svg')!;
}

/** Everything that a drawing says about colour: classes of roles, and nothing else. */
function expectRolesOnly(svg: SVGSVGElement): void {
  expect(svg.querySelectorAll('style, foreignObject, script, a')).toHaveLength(0);
  for (const element of [svg, ...svg.querySelectorAll('*')]) {
    expect(element.hasAttribute('style'), element.outerHTML).toBe(false);
    expect(element.hasAttribute('stroke'), element.outerHTML).toBe(false);
    expect(['none', null], element.outerHTML).toContain(element.getAttribute('fill'));
    expect(element.getAttribute('class') ?? 'f-text', element.outerHTML).toMatch(/^[fs]-[a-z-]+( [fs]-[a-z-]+)?$/);
  }
}

const head = 'accTitle: A title\naccDescr: A description\n';
const fixtures = parseFences('page.mdx', readFileSync('plugins/fixtures/page.mdx', 'utf8')).filter(({lang}) => lang === 'mermaid');

describe.skipIf(findChromium() === null)('Renderer', {timeout: 60_000}, () => {
  it('draws the fixture diagrams in roles only, with title, description, size and ids of their own', async () => {
    expect(fixtures).toHaveLength(4);
    const ids = new Set<string>();
    for (const fence of fixtures) {
      const svg = await svgOf(fence.value);
      expectRolesOnly(svg);
      expect(Number(svg.getAttribute('width'))).toBeGreaterThan(50);
      expect(svg.getAttribute('viewBox')).toMatch(/^-?[\d.]+ -?[\d.]+ \d+ \d+$/);
      expect(svg.getAttribute('role')).toBe('img');
      expect(svg.querySelector(`#${svg.getAttribute('aria-labelledby')}`)?.textContent).toMatch(/^\w/);
      expect(svg.querySelector(`#${svg.getAttribute('aria-describedby')}`)?.textContent).toMatch(/^\w.*\.$/);
      for (const {id} of svg.querySelectorAll('[id]')) {
        expect(ids.has(id), id).toBe(false);
        ids.add(id);
      }
      for (const [, id = ''] of svg.outerHTML.matchAll(/url\(#([^)]+)\)/g)) expect(svg.querySelector(`#${id}`), id).not.toBeNull();
    }
  });

  it('keeps all words, joined as they were written', async () => {
    const svg = await svgOf(`flowchart LR\n${head}a["the host name"] -->|"clone(2)<br/>two lines"| b["\`**bold** word\`"]`);
    const rows = [...svg.querySelectorAll('text')].map((text) => text.textContent);
    expect([...rows].sort()).toEqual(['bold word', 'clone(2)', 'the host name', 'two lines']);
    expect(rows.indexOf('two lines')).toBe(rows.indexOf('clone(2)') + 1);
    expect(svg.querySelector('tspan[font-weight="700"], tspan[font-weight="bold"]')?.textContent.trim()).toBe('bold');
  });

  it('keeps the length that each text had in Arimo, whatever font the reader has', async () => {
    const svg = await svgOf(`flowchart LR\n${head}a["MMMM"] --> b["iiii"]`);
    // Widths of M and i in Arial and in what is metrically compatible with it: 1706 and 455 of 2048 units an em.
    const lengths = [...svg.querySelectorAll('text')].map((text) => Number(text.getAttribute('textLength')));
    expect(lengths).toEqual([(4 * 16 * 1706) / 2048, (4 * 16 * 455) / 2048].map((length) => expect.closeTo(length, 0) as number));
  });

  it('hides the lifelines behind the label of a message', async () => {
    const svg = await svgOf(`sequenceDiagram\n${head}A->>A: a label of its own\nA->>B: x`);
    const label = [...svg.querySelectorAll('text')].find((text) => text.textContent === 'a label of its own')!;
    const ground = label.previousElementSibling!;
    expect(ground.getAttribute('class')).toBe('f-back');
    expect(Number(ground.getAttribute('width'))).toBeCloseTo(Number(label.getAttribute('textLength')) + 6, 0);
    const lines = [...svg.querySelectorAll('line')].filter((line) => line.getAttribute('x1') === line.getAttribute('x2'));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.compareDocumentPosition(ground) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  it('gives nodes with a class the roles of that class', async () => {
    const svg = await svgOf(`flowchart LR\n${head}a:::kernel --> b`);
    expect(svg.querySelectorAll('.f-kernel.s-kernel-edge')).toHaveLength(1);
    expect(svg.querySelectorAll('.f-node.s-node-edge')).toHaveLength(1);
  });

  it('draws the same from the same source, whatever was drawn before', async () => {
    const source = `flowchart LR\n${head}a --> b`;
    const first = await draw(source);
    await draw(`sequenceDiagram\n${head}A->>B: x`);
    expect(await draw(source)).toEqual(first);
  });

  it.each([
    ['a syntax error', `flowchart LR\n${head}a --> b\nx y z\nc --> d`, 15, /^Mermaid did not expect NODE_STRING here: x y z$/],
    [
      'one after comments',
      `%% one\n\nflowchart LR\n%% two\n${head}a --> b\n  %% three\nx y z\nc --> d`,
      19,
      /^Mermaid did not expect NODE_STRING/,
    ],
    ['a strange character', `flowchart LR\n${head}a ]] b`, 14, /^Mermaid did not expect .* here: a \]\] b$/],
    [
      'a block that never ends',
      `sequenceDiagram\n${head}loop x\nA->>B: x`,
      15,
      /^Mermaid did not expect the end of the diagram here: A->>B: x$/,
    ],
    ['an unknown kind of diagram', `flowcart LR\n${head}a --> b`, 10, /^No diagram type detected/],
    [
      'a colour of its own',
      `sequenceDiagram\n${head}rect rgb(255, 0, 0)\nA->>B: x\nend`,
      10,
      /^it has colours of its own \(rgb\(255, 0, 0\)\)/,
    ],
    ['a link', `flowchart LR\n${head}a --> b\nclick a "https://example.com"`, 10, /not supported here: <a>/],
  ])('names file and line of %s', async (_what, source, line, message) => {
    expect(await draw(source)).toEqual({problem: {file: 'docs/a.mdx', line, message: expect.stringMatching(message) as string}});
  });

  it('draws on after an error', async () => {
    await draw('flowchart LR\n]]');
    expect(await draw(`flowchart LR\n${head}a --> b`)).toHaveProperty('svg');
  });
});
