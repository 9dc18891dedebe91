import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import path from 'node:path';
import type {Mermaid} from 'mermaid';
import type {Browser, Page} from 'playwright-core';
import {launchBrowser} from '../../host/browser.ts';
import type {Problem} from '../markdown/problems.ts';
import {flatten} from './flatten.ts';
import {config, roleOfColor} from './palette.ts';
import {prepare, type Diagram} from './source.ts';

/** A drawing, or what the author must mend. */
export type Drawing = {svg: string} | {problem: Problem};

/** Words of Mermaid's parser for an author: what came, and where (null when it does not say). */
function syntaxError(message: string): {line: number | null; message: string} {
  const line = /^(?:Parse|Lexical) error on line (\d+)/.exec(message)?.[1];
  if (line === undefined) return {line: null, message: message.trim().replace(/\s+/g, ' ')};
  const got = /got '([^']+)'\s*$/.exec(message)?.[1];
  const what = got === undefined ? 'a character that does not belong here' : got === '1' || got === 'EOF' ? 'the end of the diagram' : got;
  return {line: Number(line), message: `Mermaid did not expect ${what}`};
}

/** The font that all diagrams are drawn with, in the two weights that labels have, as rules of a style sheet. */
async function fontFaces(): Promise<string> {
  const require = createRequire(import.meta.url);
  const faces = [400, 700].map(async (weight) => {
    const file = await readFile(require.resolve(`@fontsource/arimo/files/arimo-latin-${weight}-normal.woff2`));
    return `@font-face {font-family: Arial; font-weight: ${weight}; src: url(data:font/woff2;base64,${file.toString('base64')})}`;
  });
  return (await Promise.all(faces)).join('\n');
}

/** Draws diagrams with Mermaid in a headless Chromium, which starts with the first one. Close it when done. */
export class Renderer {
  #browser: Promise<Browser> | undefined;
  #page: Promise<Page> | undefined;
  /** Drawings are made one after another: Mermaid keeps its state in the page. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(readonly siteDir: string) {}

  async #open(): Promise<Page> {
    this.#browser ??= launchBrowser();
    const page = await (await this.#browser).newPage();
    // Compilers of TypeScript may wrap functions in this helper; `flatten` is sent to the page without it.
    await page.addInitScript('globalThis.__name = (value) => value');
    await page.goto('about:blank');
    // Not what fontconfig or the like takes for Arial here: the same source gives the same drawing on every machine.
    await page.setContent(`<!doctype html><meta charset="utf-8"><style>${await fontFaces()}</style><body></body>`);
    await page.evaluate(() => Promise.all([...document.fonts].map((face) => face.load())));
    await page.addScriptTag({
      path: path.join(
        path.dirname(createRequire(path.join(this.siteDir, 'package.json')).resolve('mermaid/package.json')),
        'dist/mermaid.min.js',
      ),
    });
    return page;
  }

  async #draw(diagram: Diagram): Promise<Drawing> {
    this.#page ??= this.#open();
    const page = await this.#page;
    const {text, offset} = prepare(diagram.source);
    const fail = (line: number, message: string): Drawing => ({problem: {file: diagram.file, line, message}});
    const drawn = await page.evaluate(
      async ([source, configuration]): Promise<{markup: string} | {error: string}> => {
        const {mermaid} = globalThis as unknown as {mermaid: Mermaid};
        document.body.replaceChildren();
        mermaid.initialize(configuration);
        try {
          return {markup: (await mermaid.render('drawing', source)).svg};
        } catch (error) {
          return {error: (error as {message?: string; str?: string}).message ?? String((error as {str?: string}).str ?? error)};
        }
      },
      [text, config] as const,
    );
    if ('error' in drawn) {
      const {line, message} = syntaxError(drawn.error);
      if (line === null) return fail(diagram.line, message);
      // Mermaid puts what is missing at the end one line after it, where our class definitions stand.
      const lines = diagram.source.split('\n');
      const at = Math.min(line + offset, lines.length);
      return fail(diagram.line + at, `${message} here: ${lines[at - 1]?.trim()}`);
    }
    const flattened = await page.evaluate(flatten, {markup: drawn.markup, prefix: `d${diagram.hash.slice(0, 8)}`, roles: roleOfColor});
    return 'error' in flattened ? fail(diagram.line, flattened.error) : {svg: `${flattened.svg}\n`};
  }

  /**
   * Draws a diagram.
   *
   * @returns the SVG, or the problem with the source
   * @throws Error when there is no Chromium
   */
  render(diagram: Diagram): Promise<Drawing> {
    const drawing = this.#queue.then(() => this.#draw(diagram));
    this.#queue = drawing.catch(() => undefined);
    return drawing;
  }

  async close(): Promise<void> {
    const browser = await this.#browser?.catch(() => undefined);
    this.#browser = undefined;
    this.#page = undefined;
    await browser?.close();
  }
}
