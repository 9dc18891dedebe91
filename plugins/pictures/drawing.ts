import {access, readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Result} from '../../sessions/result.ts';
import {escapeHtml} from '../../src/terminal/html.ts';
import {suggest, type Problem} from '../markdown/problems.ts';

/** Folder of the drawn figures, from the root of the site. */
export const figuresFolder = 'src/figures';

/**
 * A figure: one drawing, or several of one size that stand side by side and, where there is no room, one above the other. A
 * single one may have another for narrow columns.
 */
export type Figure = {files: string[]; narrow: string | null};

/** The files of a figure: `NAME.svg` with or without `NAME.narrow.svg`, or `NAME.1.svg`, `NAME.2.svg` and so on. */
export async function findFigure(siteDir: string, name: string): Promise<Figure | {problem: string}> {
  const names: string[] = await readdir(path.join(siteDir, figuresFolder)).catch(() => []);
  const at = (file: string): string => `${figuresFolder}/${file}`;
  if (names.includes(`${name}.svg`))
    return {files: [at(`${name}.svg`)], narrow: names.includes(`${name}.narrow.svg`) ? at(`${name}.narrow.svg`) : null};
  const files = names
    .map((file) => ({file, number: Number(file.startsWith(`${name}.`) ? /^\.(\d+)\.svg$/.exec(file.slice(name.length))?.[1] : NaN)}))
    .filter(({number}) => number > 0)
    .sort((a, b) => a.number - b.number)
    .map(({file}) => at(file));
  if (files.length > 0) return {files, narrow: null};
  const known = new Set(names.filter((file) => file.endsWith('.svg')).map((file) => file.replace(/(?:\.\d+|\.narrow)?\.svg$/, '')));
  return {problem: `there is no figure “${name}”${suggest(name, known)}; figures are drawn in ${figuresFolder}/${name}.svg`};
}

/** A drawing as it stands in a page. */
export type Drawing = {svg: string; width: number; height: number; title: string};

/** Text of an element of the drawing's own, `title` or `desc`; empty when there is none. */
const textOf = (svg: string, name: string): string =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(svg)?.[1]?.replace(/\s+/g, ' ').trim() ?? '';

/** A colour that would be right in light or in dark but not in both, or wrong in print. */
export const ownColour =
  /\b(?:fill|stroke|stop-color|color)\s*[=:]\s*["']?\s*(?!none\b|currentColor\b|inherit\b|transparent\b|var\(--ss-)[#a-z][\w-]*/i;

/** What keeps a drawing from being shown, by line. */
function check(file: string, text: string): Problem[] {
  const problems: Problem[] = [];
  const fail = (line: number, message: string): void => void problems.push({file, line, message});
  for (const [index, line] of text.split('\n').entries()) {
    const colour = ownColour.exec(line)?.[0];
    if (colour !== undefined)
      fail(index + 1, `${colour} is one colour for light and dark; use a class such as f-host or a variable --ss-…`);
    if (/<(?:script|foreignObject|style|image)\b|\son\w+=/.test(line))
      fail(index + 1, 'a figure has shapes and text, no script, style or image');
  }
  if (!/^<svg [^>]*viewBox="0 0 [\d.]+ [\d.]+"/.test(text)) fail(1, 'a figure begins with <svg … viewBox="0 0 WIDTH HEIGHT">');
  if (textOf(text, 'title') === '') fail(1, 'a figure needs a <title> for those who do not see it: what it shows');
  if (textOf(text, 'desc') === '') fail(1, 'a figure needs a <desc> for those who do not see it: all that it says, in words');
  return problems;
}

/**
 * Reads a drawing and fills in what experiments say: `{{NAME COMMAND PATTERN}}` is what the group of the regular expression
 * finds in the output of that command, counted from 1, as in `{{01-rulers 8 NSpid: +([0-9]+)}}`.
 *
 * @param file path of the drawing, from the root of the site
 * @param id prefix of the ids of its title and description
 * @param resultOf reads the result of an experiment
 */
export async function readDrawing(
  siteDir: string,
  file: string,
  id: string,
  resultOf: (name: string) => Promise<Result | {problem: string}>,
): Promise<Drawing | Problem[]> {
  const source = await readFile(path.join(siteDir, file), 'utf8');
  const problems = check(file, source);
  const values = new Map<string, string>();
  for (const [index, line] of source.split('\n').entries()) {
    for (const [hole, name = '', command = '', pattern = ''] of line.matchAll(/\{\{\s*(\S+) (\d+) (.+?)\s*\}\}/g)) {
      const value = await valueOf(name, Number(command), pattern, resultOf);
      if (typeof value === 'string') values.set(hole, value);
      else problems.push({file, line: index + 1, message: `${hole}: ${value.problem}`});
    }
  }
  if (problems.length > 0) return problems;
  const filled = [...values].reduce((text, [hole, value]) => text.replaceAll(hole, escapeHtml(value)), source);
  if (/\{\{|\}\}/.test(filled)) {
    const line = filled.split('\n').findIndex((each) => /\{\{|\}\}/.test(each)) + 1;
    return [{file, line, message: 'what an experiment says is written {{NAME COMMAND PATTERN}}'}];
  }
  const [, width = '', height = ''] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(filled) ?? [];
  const svg = filled
    .replace(/<!--[^]*?-->/g, '')
    .replace(/>\s+</g, '><')
    .replace(/\s*\n\s*/g, ' ')
    .replace('<title>', `<title id="${id}-t">`)
    .replace('<desc>', `<desc id="${id}-d">`)
    .replace(/^<svg /, `<svg role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d" width="${width}" height="${height}" `)
    .trim();
  return {svg, width: Number(width), height: Number(height), title: textOf(filled, 'title')};
}

async function valueOf(
  name: string,
  command: number,
  pattern: string,
  resultOf: (name: string) => Promise<Result | {problem: string}>,
): Promise<string | {problem: string}> {
  const result = await resultOf(name);
  if ('problem' in result) return result;
  const shown = result.commands[command - 1];
  if (!shown) return {problem: `${name} has ${result.commands.length} commands`};
  let found;
  try {
    found = new RegExp(pattern, 'm').exec(shown.output)?.[1];
  } catch (error) {
    return {problem: error instanceof Error ? error.message : String(error)};
  }
  return found ?? {problem: `finds nothing in what “${shown.command}” printed`};
}

/** Reports whether a file of the site is there. */
export const exists = (siteDir: string, file: string): Promise<boolean> =>
  access(path.join(siteDir, file)).then(
    () => true,
    () => false,
  );
