import type {ListingLine} from '../listings/regions.ts';
import {lineToHtml, tokenize} from './prism.ts';

/**
 * HTML of a code block's text: what goes between `<code>` and `</code>`.
 *
 * Numbered or emphasised code has an element per line (`class="l"`, `data-n` the number, `e` when emphasised) that
 * holds the line's break too, so the text of the whole is the program to the letter. Numbers are drawn by the
 * stylesheet: they can neither be selected nor copied.
 *
 * @param code text of the program
 * @param language name of the language
 * @param options.numbers number of each line, null where a line has none; without it lines are not numbered
 * @param options.emphasised lines to emphasise: in terms of `numbers` where given, else counted from 1
 * @returns null when there is no such language
 */
export function renderCode(
  code: string,
  language: string,
  options: {numbers?: readonly ListingLine['number'][]; emphasised?: readonly number[]} = {},
): string | null {
  const {numbers, emphasised = []} = options;
  const lines = tokenize(code, language);
  if (!lines) return null;
  if (!numbers && emphasised.length === 0) return lines.map(lineToHtml).join('\n');
  return lines
    .map((pieces, index) => {
      const number = numbers ? (numbers[index] ?? null) : index + 1;
      const emphasis = number !== null && emphasised.includes(number) ? ' e' : '';
      const shown = numbers && number !== null ? ` data-n="${number}"` : '';
      return `<span class="l${emphasis}"${shown}>${lineToHtml(pieces)}\n</span>`;
    })
    .join('');
}
