import type {ListingLine} from '../listings/regions.ts';
import {parseConsole} from './console.ts';
import {escapeHtml} from '../../src/terminal/html.ts';
import {isPlain, lineToHtml, tokenize} from './prism.ts';

/** Columns to which a tab goes, as in code.css. */
const tabSize = 4;
/** Deepest level of indentation that code.css knows. */
const deepest = 8;

/** How deep a line is indented, in tabs. */
function levelOf(text: string): number {
  let column = 0;
  for (const character of /^[\t ]*/.exec(text)?.[0] ?? '') column += character === '\t' ? tabSize - (column % tabSize) : 1;
  return Math.min(Math.floor(column / tabSize), deepest);
}

/** Lines of a terminal session: commands as the shell reads them, prompts and output marked. */
function consoleLines(code: string): {html: string; kind: string}[] {
  const lines = parseConsole(code);
  const commands = tokenize(lines.flatMap((line) => (line.kind === 'command' ? line.text : [])).join('\n'), 'bash') ?? [];
  let next = 0;
  return lines.map((line) => {
    if (line.kind === 'output') return {html: escapeHtml(line.text), kind: ' o'};
    const html = lineToHtml(commands[next++] ?? []);
    return {html: line.prompt === '' ? html : `<span class="m">${escapeHtml(line.prompt)}</span>${html}`, kind: ''};
  });
}

/**
 * HTML of a code block's text: what goes between `<code>` and `</code>`.
 *
 * An element per line (`class="l"`, `data-n` its number, `i2` when it is indented by two tabs, `e` when emphasised) lets
 * a line that is too long for a screen wrap with a hanging indent. It holds the line's break too, so the text of the
 * whole is the program to the letter. Numbers are drawn by the stylesheet: they can neither be selected nor copied.
 * Runs of lines that a comparison found are in an `<ins>` or a `<del>` each, whose roles screen readers announce (HTML
 * AAM). In a `console`, prompts are marked `m` and lines of output `o`. Plain text is drawn, not written: it does not wrap,
 * and needs no element where nothing is numbered.
 *
 * @param code text of the program
 * @param language name of the language
 * @param options.lines number and change of each line; without it lines are not numbered
 * @param options.emphasised lines to emphasise: by those numbers where given, and otherwise counted from 1
 * @returns null when there is no such language
 */
export function renderCode(
  code: string,
  language: string,
  options: {lines?: readonly Pick<ListingLine, 'number' | 'change'>[]; emphasised?: readonly number[]} = {},
): string | null {
  const {lines, emphasised = []} = options;
  const texts = code.split('\n');
  const rendered =
    language === 'console' ? consoleLines(code) : tokenize(code, language)?.map((pieces) => ({html: lineToHtml(pieces), kind: ''}));
  if (!rendered) return null;
  if (!lines && emphasised.length === 0 && isPlain(language)) return rendered.map(({html}) => html).join('\n');
  let open: 'ins' | 'del' | undefined;
  const html = rendered.map(({html: text, kind}, index) => {
    const {number = null, change} = lines ? (lines[index] ?? {}) : {number: index + 1};
    const level = levelOf(texts[index] ?? '');
    const indent = level > 0 ? ` i${level}` : '';
    const emphasis = number !== null && emphasised.includes(number) ? ' e' : '';
    const shown = lines && number !== null ? ` data-n="${number}"` : '';
    const element = change === 'added' ? 'ins' : change === 'removed' ? 'del' : undefined;
    const tags = element === open ? '' : (open ? `</${open}>` : '') + (element ? `<${element}>` : '');
    open = element;
    return `${tags}<span class="l${indent}${kind}${emphasis}"${shown}>${text}\n</span>`;
  });
  return html.join('') + (open ? `</${open}>` : '');
}
