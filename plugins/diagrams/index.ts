import {access, mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';
import type {Code, Root} from 'mdast';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import {SKIP, visit} from 'unist-util-visit';
import type {VFile} from 'vfile';
import {findChromium, installHint} from '../../host/browser.ts';
import {lineOf} from '../markdown/documents.ts';
import {watchDocuments} from '../markdown/watch.ts';
import {ProblemsError, relative, type Problem} from '../markdown/problems.ts';
import {Renderer} from './render.ts';
import {drawingPath, drawingsFolder, mermaidVersion, momentaryFolder, readDiagram, type Diagram} from './source.ts';

/** Time without a diagram to draw after which `npm start` lets its Chromium go, in milliseconds. */
const idle = 60_000;

let renderer: Renderer | undefined;
let timer: NodeJS.Timeout | undefined;

/** Draws a diagram that an author has just changed; the Chromium stays for a while, for the next change. */
async function drawNow(siteDir: string, diagram: Diagram): Promise<Problem | null> {
  renderer ??= new Renderer(siteDir);
  clearTimeout(timer);
  timer = setTimeout(() => void renderer?.close(), idle).unref();
  const drawing = await renderer.render(diagram);
  if ('problem' in drawing) return drawing.problem;
  await mkdir(path.join(siteDir, momentaryFolder), {recursive: true});
  await writeFile(path.join(siteDir, momentaryFolder, `${diagram.hash}.svg`), drawing.svg);
  return null;
}

/** A drawing's markup, committed or momentary; null when there is none. */
async function findDrawing(siteDir: string, hash: string, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    const file = path.join(siteDir, folder, `${hash}.svg`);
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) return readFile(file, 'utf8');
  }
  return null;
}

const unescape = (text: string): string =>
  text.replace(/&(lt|gt|quot|amp);/g, (_all, name: string) => ({lt: '<', gt: '>', quot: '"', amp: '&'})[name] ?? '');

/** What a page must know of a drawing before it has it: the room to keep, and its name. */
export function describe(svg: string): {width: string; height: string; title: string} {
  const [, width = '', height = ''] = /<svg[^>]* width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const [, title = ''] = /<title[^>]*>([^<]*)<\/title>/.exec(svg) ?? [];
  return {width, height, title: unescape(title)};
}

type Options = {
  siteDir: string;
  /** Draw what is missing, as `npm start` does; without it a missing drawing is a problem. */
  draw: boolean;
  /** Whether there is a browser to draw with. */
  canDraw?: () => boolean;
};

/**
 * Puts the drawing of each mermaid fence in its place: a remark plugin.
 *
 * @throws ProblemsError for all diagrams of the document that are wrong, or whose drawing is missing
 */
export function remarkDiagrams({siteDir, draw, canDraw = () => findChromium() !== null}: Options) {
  const version = mermaidVersion(siteDir);
  return async (root: Root, document: VFile): Promise<void> => {
    const file = relative(siteDir, document.path);
    const fences: {node: Code; replace: (element: MdxJsxFlowElement) => void}[] = [];
    visit(root, 'code', (node: Code, index, parent) => {
      if (node.lang !== 'mermaid' || !parent || index === undefined) return;
      fences.push({node, replace: (element) => (parent.children[index] = element)});
      return SKIP;
    });
    const problems: Problem[] = [];
    const lines = new Map<string, number>();
    for (const {node, replace} of fences) {
      const {diagram, problems: found} = readDiagram(
        {file, line: lineOf(node), lang: 'mermaid', meta: node.meta ?? '', value: node.value},
        version,
      );
      problems.push(...found);
      if (found.length > 0) continue;
      const before = lines.get(diagram.hash);
      if (before !== undefined)
        problems.push({file, line: diagram.line, message: `this diagram is on line ${before} already; show it once and refer to it`});
      lines.set(diagram.hash, diagram.line);
      let svg = await findDrawing(siteDir, diagram.hash, draw ? [drawingsFolder, momentaryFolder] : [drawingsFolder]);
      let missing: string | undefined;
      if (svg === null && !draw) {
        problems.push({file, line: diagram.line, message: `this diagram is new or has changed since it was drawn; run: npm run diagrams`});
      } else if (svg === null && !canDraw()) {
        missing = `This diagram is new or has changed, and to draw it takes Chromium: ${installHint}. Then run: npm run diagrams`;
      } else if (svg === null) {
        const problem = await drawNow(siteDir, diagram);
        if (problem) problems.push(problem);
        else svg = await findDrawing(siteDir, diagram.hash, [momentaryFolder]);
      }
      const props: Record<string, string> = svg === null ? {missing: missing ?? ''} : {src: drawingPath(diagram.hash), ...describe(svg)};
      replace({
        type: 'mdxJsxFlowElement',
        name: 'Diagram',
        attributes: Object.entries(props).map(([name, value]) => ({type: 'mdxJsxAttribute', name, value})),
        children: [],
        ...(node.position ? {position: node.position} : {}),
      });
    }
    if (problems.length > 0) throw new ProblemsError(problems);
  };
}

/** Compiles documents with diagrams again when a drawing comes or goes. */
export default function diagrams(context: LoadContext): Plugin {
  return {
    name: 'diagrams',
    configureWebpack: () => ({
      module: {
        rules: [
          watchDocuments(context.siteDir, 'diagrams', {
            folders: [drawingsFolder, momentaryFolder].map((folder) => path.join(context.siteDir, folder)),
          }),
        ],
      },
    }),
  };
}
