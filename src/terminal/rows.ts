import type {IBuffer, IBufferCell, IBufferLine} from '@xterm/headless';

import {escapeHtml} from './html.ts';

/**
 * A terminal row as HTML. The poster (made when the site is built) and the player (in the page) both draw with this, so
 * that one takes the place of the other without a pixel moving.
 *
 * Colours 0 to 15 are classes (`ansi-fg-1`, `ansi-bg-4`) and follow the site's theme; the 240 colours after them and
 * 24-bit colours are fixed by the standard palette or by the program, and are inline.
 */

/** Levels of one channel in the 6×6×6 colour cube of xterm's 256-colour palette. */
const cube = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];

/** `#rrggbb` of a palette index from 16 to 255: the colour cube, then 24 greys. */
function paletteColour(index: number): string {
  if (index >= 232) return hex(...(Array(3).fill(8 + (index - 232) * 10) as [number, number, number]));
  const n = index - 16;
  return hex(cube[Math.floor(n / 36)] ?? 0, cube[Math.floor(n / 6) % 6] ?? 0, cube[n % 6] ?? 0);
}

function hex(red: number, green: number, blue: number): string {
  return `#${((red << 16) | (green << 8) | blue).toString(16).padStart(6, '0')}`;
}

/** `''` for the default colour, a number below 16 as a string, or `#rrggbb`. */
function colour(isDefault: boolean, isRgb: boolean, value: number): string {
  if (isDefault) return '';
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
  return value < 16 ? String(value) : paletteColour(value);
}

/** Opening tag of the cells that look like `cell`; `''` when they look like nothing special. */
function openingTag(cell: IBufferCell, cursor: boolean): string {
  if (cell.isAttributeDefault() && !cursor) return '';
  const classes: string[] = [];
  const styles: string[] = [];
  let fg = colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor());
  let bg = colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor());
  // The cursor is a block: the cell under it with its colours swapped, as a hardware terminal shows it.
  if (Boolean(cell.isInverse()) !== cursor) [fg, bg] = [bg || 'bg', fg || 'fg'];
  if (fg.startsWith('#')) styles.push(`color:${fg}`);
  else if (fg) classes.push(`ansi-fg-${fg}`);
  if (bg.startsWith('#')) {
    styles.push(`background:${bg}`);
    bg = 'rgb';
  }
  if (bg) classes.push(`ansi-bg-${bg}`);
  if (cell.isBold()) classes.push('ansi-bold');
  if (cell.isDim()) classes.push('ansi-dim');
  if (cell.isItalic()) classes.push('ansi-italic');
  if (cell.isUnderline()) classes.push('ansi-underline');
  if (cell.isStrikethrough()) classes.push('ansi-strike');
  if (cell.isOverline()) classes.push('ansi-overline');
  // Blinking text is drawn steady: content that flashes must be stoppable (WCAG 2.2.2).
  if (cell.isInvisible()) classes.push('ansi-hidden');
  if (cursor) classes.push('ansi-cursor');
  const className = classes.length > 0 ? ` class="${classes.join(' ')}"` : '';
  const style = styles.length > 0 ? ` style="${styles.join(';')}"` : '';
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
    const nextTag = openingTag(cell, x === cursor || (width === 2 && x + 1 === cursor));
    const chars = cell.getChars();
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
    run += width === 1 && (chars === '' || fitsCell(chars)) ? text : `<span class="ansi-cell-${width}">${text}</span>`;
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
