import {createHash} from 'node:crypto';
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';
import type {Root} from 'mdast';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import {visit} from 'unist-util-visit';
import type {VFile} from 'vfile';
import {resultsFolder} from '../../sessions/result.ts';
import {resultOf} from '../experiments/index.ts';
import {documentFolders, findFiles, lineOf, parseDocument} from '../markdown/documents.ts';
import {watchDocuments} from '../markdown/watch.ts';
import {format, ProblemsError, relative, suggest, type Problem} from '../markdown/problems.ts';
import type {Source} from './columns.ts';
import {exists, figuresFolder, findFigure, readDrawing, type Drawing} from './drawing.ts';
import {matrixHtml, parseMatrix} from './matrix.ts';
import {parseRulers, rulersHtml} from './rulers.ts';

/** Where pictures are written, a static folder, and their address. */
const derivedFolder = '.derived/pictures';

/** Folder of the plates, from the root of the site. They have no numbers, so they are served as they are drawn. */
export const platesFolder = 'static/plates';

/** What `<Picture>` must know of a picture to keep its room (src/components/Picture). */
type Props = Record<string, string>;

/** A picture as markup, with its props. */
type Picture = {html: string; props: Props};

/** What an element of a document says, by name of the attribute; a value that is not a text is left out. */
const attributesOf = (node: MdxJsxFlowElement): Partial<Record<string, string>> =>
  Object.fromEntries(
    node.attributes.flatMap((each) => (each.type === 'mdxJsxAttribute' && typeof each.value === 'string' ? [[each.name, each.value]] : [])),
  );

/** The result that an element's `of` names. */
async function resultFor(siteDir: string, of: string | undefined, element: string): Promise<Source> {
  if (of === undefined) throw new Error(`<${element}> shows an experiment: <${element} of="01-matrix" />`);
  const result = await resultOf(siteDir, of);
  if ('problem' in result) throw new Error(result.problem);
  const file = `${resultsFolder}/${of}.json`;
  return {result, file, text: await readFile(path.join(siteDir, file), 'utf8')};
}

/** What each element of a document becomes. @throws Error that says what is wrong */
const makers: Readonly<Record<string, (siteDir: string, attributes: Partial<Record<string, string>>) => Promise<Picture>>> = {
  async Matrix(siteDir, {of, caption}) {
    const source = await resultFor(siteDir, of, 'Matrix');
    const matrix = parseMatrix(source);
    return {html: matrixHtml(matrix, caption ?? source.result.title), props: {rows: String(matrix.rows.length)}};
  },
  async Rulers(siteDir, {of, caption, levels}) {
    const source = await resultFor(siteDir, of, 'Rulers');
    const rulers = parseRulers(source);
    const names = levels?.split(/\s*,\s*/) ?? ['outside', 'inside'];
    if (names.length !== rulers.depth)
      throw new Error(
        `${of} has ${rulers.depth} PID namespaces, one in the other; name them from the outside in: levels="outside, inside"`,
      );
    return {html: rulersHtml(rulers, caption ?? source.result.title, names), props: {rows: String(rulers.processes.length)}};
  },
  async Figure(siteDir, {name}) {
    if (name === undefined) throw new Error('<Figure> shows a drawing: <Figure name="life-of-a-process" />');
    const figure = await findFigure(siteDir, name);
    if ('problem' in figure) throw new Error(figure.problem);
    const read = async (file: string, id: string): Promise<Drawing> => {
      const drawing = await readDrawing(siteDir, file, id, (experiment) => resultOf(siteDir, experiment));
      if (Array.isArray(drawing)) throw new ProblemsError(drawing);
      return drawing;
    };
    const drawings = await Promise.all(figure.files.map((file, index) => read(file, `${name}-${index}`)));
    const narrow = figure.narrow === null ? null : await read(figure.narrow, `${name}-n`);
    return figureOf(drawings, narrow);
  },
};

/** A figure's markup and room. Sizes are in CSS pixels; the ratios keep the room before the drawing is there. */
function figureOf(drawings: readonly Drawing[], narrow: Drawing | null): Picture {
  const [{width, height, title}] = drawings as [Drawing, ...Drawing[]];
  const count = drawings.length;
  const html =
    narrow === null
      ? drawings.map(({svg}) => svg).join('')
      : `<div class="ss-picture__wide">${drawings.map(({svg}) => svg).join('')}</div><div class="ss-picture__narrow">${narrow.svg}</div>`;
  const below = narrow ?? {width, height: height * count};
  return {
    html: `<div class="ss-picture__drawings">${html}</div>`,
    props: {
      width: String(width * count),
      wide: `${width * count} / ${height}`,
      narrow: `${below.width} / ${below.height}`,
      ...(count === 1 ? {caption: title} : {}),
    },
  };
}

/** What is wrong with a plate, or null. */
async function checkPlate(siteDir: string, {chapter = ''}: Partial<Record<string, string>>): Promise<string | null> {
  if (/^[a-z0-9-]+$/.test(chapter) && (await exists(siteDir, `${platesFolder}/${chapter}.svg`))) return null;
  const names = (await readdir(path.join(siteDir, platesFolder)).catch(() => [])).map((file) => path.basename(file, '.svg'));
  return `there is no plate of the chapter “${chapter}”${suggest(chapter, names)}; plates are drawn in ${platesFolder}/`;
}

/** A picture of a document, ready to be written and shown. */
type Made = {node: MdxJsxFlowElement; file: string; kind: string} & Picture;

/** All pictures of a document, and what is wrong with those that cannot be made. */
async function makePictures(siteDir: string, root: Root, file: string): Promise<{pictures: Made[]; problems: Problem[]}> {
  const found: MdxJsxFlowElement[] = [];
  visit(root, 'mdxJsxFlowElement', (node: MdxJsxFlowElement) => {
    if (node.name === 'Plate' || Object.hasOwn(makers, node.name ?? '')) found.push(node);
  });
  const pictures: Made[] = [];
  const problems: Problem[] = [];
  for (const node of found) {
    const fail = (message: string): void => void problems.push({file, line: lineOf(node), message});
    const attributes = attributesOf(node);
    const make = makers[node.name ?? ''];
    try {
      if (make) pictures.push({node, ...nameOf(node), ...(await make(siteDir, attributes))});
      else {
        const message = await checkPlate(siteDir, attributes);
        if (message !== null) fail(message);
      }
    } catch (error) {
      if (error instanceof ProblemsError) for (const problem of error.problems) fail(`<${node.name}>: ${format([problem])}`);
      else fail(error instanceof Error ? error.message : String(error));
    }
  }
  return {pictures, problems};
}

/** Name of the file that an element's picture is written to: two of one experiment may differ in their captions. */
function nameOf(node: MdxJsxFlowElement): {file: string; kind: string} {
  const {of, name, ...words} = attributesOf(node);
  const kind = (node.name ?? '').toLowerCase();
  const said = JSON.stringify(words);
  const suffix = said === '{}' ? '' : `-${createHash('sha256').update(said).digest('hex').slice(0, 8)}`;
  return {file: `${kind}-${of ?? name ?? ''}${suffix}.html`, kind};
}

/** Writes a picture where pages find it. What has not changed is left alone, so that nobody who watches it begins again. */
async function write(siteDir: string, {file, html}: Made): Promise<void> {
  const target = path.join(siteDir, derivedFolder, file);
  if ((await readFile(target, 'utf8').catch(() => null)) === html) return;
  await mkdir(path.dirname(target), {recursive: true});
  await writeFile(target, html);
}

/**
 * Makes the pictures of a document: `<Matrix>`, `<Rulers>` and `<Figure>` become markup of the page's HTML that is in no
 * script, and `<Plate>` is held to the plates there are. A remark plugin.
 *
 * @throws ProblemsError for all pictures of the document that cannot be made
 */
export function remarkPictures({siteDir}: {siteDir: string}) {
  return async (root: Root, document: VFile): Promise<void> => {
    const {pictures, problems} = await makePictures(siteDir, root, relative(siteDir, document.path));
    if (problems.length > 0) throw new ProblemsError(problems);
    for (const picture of pictures) {
      const {node, file, kind, props} = picture;
      await write(siteDir, picture);
      node.name = 'Picture';
      node.attributes = Object.entries({src: `/pictures/${file}`, kind, ...props}).map(([name, value]) => ({
        type: 'mdxJsxAttribute',
        name,
        value,
      }));
    }
  };
}

/**
 * Writes the pictures of all documents before pages are compiled, since a page whose compiled form is cached is not asked
 * for its pictures again, and removes those that no page shows any more. What is wrong is said where the document is
 * compiled. Documents compile again when an experiment or a figure that they show changes.
 */
export default function pictures({siteDir}: LoadContext): Plugin {
  const folders = {experiments: path.join(siteDir, resultsFolder), figures: path.join(siteDir, figuresFolder)};
  return {
    name: 'pictures',
    async loadContent() {
      const written = new Set<string>();
      for (const folder of documentFolders) {
        for (const document of await findFiles(path.join(siteDir, folder), (name) => /\.mdx?$/.test(name))) {
          const file = relative(siteDir, document);
          const root = await readFile(document, 'utf8')
            .then((text) => parseDocument(file, text))
            .catch((error: unknown) => {
              if (error instanceof ProblemsError) return null;
              throw error;
            });
          if (root === null) continue;
          for (const picture of (await makePictures(siteDir, root, file)).pictures) {
            await write(siteDir, picture);
            written.add(picture.file);
          }
        }
      }
      const folder = path.join(siteDir, derivedFolder);
      for (const file of await readdir(folder).catch(() => [])) if (!written.has(file)) await rm(path.join(folder, file));
    },
    getPathsToWatch: () => [path.join(folders.experiments, '*.json'), path.join(folders.figures, '*.svg')],
    configureWebpack: () => ({
      module: {
        rules: [watchDocuments(siteDir, 'pictures', folders)],
      },
    }),
  };
}
