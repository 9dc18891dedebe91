import type {IBuffer, IBufferCell, IBufferLine} from '@xterm/headless';

import {blockStyle} from './blocks.ts';
import {adapted, grounds, hex, legible, mix, paletteColour, standardPalette} from './colours.ts';
import {escapeHtml} from './html.ts';

/**
 * A terminal row as HTML. The poster (made when the site is built) and the player (in the page) both draw with this, so
 * that one takes the place of the other without a pixel moving.
 *
 * Text in the terminal's own colours and in the sixteen on the terminal's own background is classes (`ansi-fg-1`) and
 * follows the site's theme, and so does the reverse of that. Other text on the terminal's own background has a colour for
 * each theme, as `--light` and `--dark`. Where a program chose the background, both are what they were in the recording,
 * in every theme. colours.ts sees to it that all can be read.
 */

/** A colour of a cell: the terminal's own for text or background, one of 256, or any. */
type Colour = {kind: 'foreground'} | {kind: 'background'} | {kind: 'index'; index: number} | {kind: 'rgb'; rgb: number};

function colour(isRgb: boolean, value: number): Colour {
  return isRgb ? {kind: 'rgb', rgb: value} : {kind: 'index', index: value};
}

function resolve(of: Colour): number {
  const palette = standardPalette;
  switch (of.kind) {
    case 'rgb':
      return of.rgb;
    case 'index':
      return paletteColour(of.index, palette);
    default:
      return palette[of.kind];
  }
}

/** What is drawn rather than read: box and block elements, the separators of Powerline, mosaics. */
const graphic = /^[\u2500-\u259f\ue0b0-\ue0d7\u{1fb00}-\u{1fbff}]/u;
/** Of these what passes one background on to the next and must not differ from it. */
const separator = /^[\ue0b0-\ue0d7]/;

/**
 * Classes and styles of a cell's colours, each ending in a space or a semicolon.
 *
 * @param swapped whether the text has the background's colour and the other way round
 */
function colours(cell: IBufferCell, swapped: boolean, chars: string): {classes: string; styles: string} {
  let text: Colour = cell.isFgDefault() ? {kind: 'foreground'} : colour(cell.isFgRGB(), cell.getFgColor());
  let ground: Colour = cell.isBgDefault() ? {kind: 'background'} : colour(cell.isBgRGB(), cell.getBgColor());
  if (swapped) [text, ground] = [ground, text];
  const dim = cell.isDim() ? ' ' : '';
  if (ground.kind === 'background') {
    if (text.kind === 'foreground') return {classes: dim && 'ansi-dim ', styles: ''};
    const own = dimmed(resolve(text), standardPalette.background, cell);
    if (separator.test(chars)) return {classes: '', styles: `color:${hex(own)};`};
    if (text.kind === 'index' && text.index < 16) return {classes: `ansi-fg-${text.index} ${dim && 'ansi-dim '}`, styles: ''};
    const [light, dark] = [grounds.light, grounds.dark].map((page) => hex(adapted(own, page, standardPalette)));
    return light === dark
      ? {classes: '', styles: `color:${light};`}
      : {classes: 'ansi-fg-rgb ', styles: `--light:${light};--dark:${dark};`};
  }
  if (text.kind === 'background' && (ground.kind === 'foreground' || (ground.kind === 'index' && ground.index < 16)))
    return {classes: `ansi-fg-bg ansi-bg-${ground.kind === 'foreground' ? 'fg' : ground.index} ${dim && 'ansi-dim '}`, styles: ''};
  const behind = resolve(ground);
  const own = dimmed(resolve(text), behind, cell);
  return {classes: 'ansi-bg-rgb ', styles: `color:${hex(graphic.test(chars) ? own : legible(own, behind))};background:${hex(behind)};`};
}

function dimmed(text: number, ground: number, cell: IBufferCell): number {
  return cell.isDim() ? mix(text, ground, 0.2) : text;
}

/** Opening tag of the cells that look like `cell`; `''` when they look like nothing special. */
function openingTag(cell: IBufferCell, cursor: boolean, chars: string): string {
  if (cell.isAttributeDefault() && !cursor) return '';
  // The cursor is a block: the cell under it with its colours swapped, as a hardware terminal shows it.
  const {classes: coloured, styles} = colours(cell, Boolean(cell.isInverse()) !== cursor, chars);
  let classes = coloured;
  if (cell.isBold()) classes += 'ansi-bold ';
  if (cell.isItalic()) classes += 'ansi-italic ';
  if (cell.isUnderline()) classes += 'ansi-underline ';
  if (cell.isStrikethrough()) classes += 'ansi-strike ';
  if (cell.isOverline()) classes += 'ansi-overline ';
  // Blinking text is drawn steady: content that flashes must be stoppable (WCAG 2.2.2).
  if (cell.isInvisible()) classes += 'ansi-hidden ';
  if (cursor) classes += 'ansi-cursor ';
  const className = classes ? ` class="${classes.trimEnd()}"` : '';
  const style = styles ? ` style="${styles.slice(0, -1)}"` : '';
  return className || style ? `<span${className}${style}>` : '';
}

/**
 * True for characters that any monospace font draws one cell wide. Others may come from a fallback font with another
 * advance, and get a box of the right number of cells so that the columns after them stay in place.
 */
function fitsCell(chars: string): boolean {
  const code = chars.codePointAt(0) ?? 0;
  return chars.length === 1 && code < 0x250;
}

/**
 * Markup of one row, without a wrapper, trailing blank cells dropped.
 *
 * @param line row of a terminal buffer; undefined draws an empty row
 * @param cols width of the terminal in cells
 * @param cell cell object to reuse (`buffer.getNullCell()`)
 * @param cursor column of the cursor when it is in this row and visible
 */
export function rowHtml(line: IBufferLine | undefined, cols: number, cell: IBufferCell, cursor?: number): string {
  if (!line) return '';
  let html = '';
  let tag = '';
  let run = '';
  let blank = '';
  const flush = () => {
    if (run) html += tag ? `${tag}${run}</span>` : run;
    run = '';
  };
  for (let x = 0; x < cols; x++) {
    if (!line.getCell(x, cell)) break;
    const width = cell.getWidth();
    if (width === 0) continue;
    const chars = cell.getChars();
    const nextTag = openingTag(cell, x === cursor || (width === 2 && x + 1 === cursor), chars);
    if ((chars === '' || chars === ' ') && nextTag === '') {
      // Blank cells are held back: they count only when something follows them.
      if (tag !== '') {
        flush();
        tag = '';
      }
      blank += ' ';
      continue;
    }
    if (blank) {
      run += blank;
      blank = '';
    }
    if (nextTag !== tag) {
      flush();
      tag = nextTag;
    }
    const text = escapeHtml(chars || ' ');
    const block = blockStyle(chars);
    if (block !== undefined) run += `<span class="ansi-cell-1 ansi-block"${block && ` style="${block}"`}>${text}</span>`;
    else run += width === 1 && (chars === '' || fitsCell(chars)) ? text : `<span class="ansi-cell-${width}">${text}</span>`;
  }
  flush();
  return html;
}

/**
 * A whole screen: its rows, one `<div>` each. The poster is this.
 *
 * @param buffer the terminal's active buffer (`terminal.buffer.active`)
 * @param cols width in cells
 * @param rows height in cells
 * @param showCursor whether the program has the cursor on (DECTCEM)
 */
export function screenHtml(buffer: IBuffer, cols: number, rows: number, showCursor: boolean): string {
  const cell = buffer.getNullCell();
  let html = '';
  for (let y = 0; y < rows; y++) {
    const cursor = showCursor && y === buffer.cursorY ? Math.min(buffer.cursorX, cols - 1) : undefined;
    html += `<div>${rowHtml(buffer.getLine(buffer.baseY + y), cols, cell, cursor)}</div>`;
  }
  return html;
}
