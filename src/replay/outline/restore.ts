import {joinsNext, mayJoin} from '../../terminal/widths.ts';
import {cleanScreen} from './lookup.ts';
import {BG, COLOUR, FG, type Attributes, type Cell, type ScreenState, type TerminalState} from './state.ts';

/**
 * Escape sequences that bring a terminal, resized and then reset, into a state.
 *
 * @xterm/addon-serialize has the same purpose but leaves out scroll region, origin mode, saved cursor, character sets,
 * tab stops, erased cells of another colour and underline styles, and lets rows wrap by writing into them. Here each row
 * is written at its place, so what a row holds never depends on the rows around it. A few states cannot be written, such
 * as half of a wide character at the edge of a terminal that shrank; `buildIndex` compares, and takes another moment.
 */
export function restoreSequence(state: TerminalState): string {
  const {cols, cursor} = state;
  let out = cleanScreen;
  if (!state.alternate && hasSaved(state.alt)) out += `\x1b[?47h${save(state.alt, cols)}\x1b[?47l`;
  out += screen(state.normal, cols);
  if (state.alternate) out += `\x1b[?47h${screen(state.alt, cols)}`;

  const shown = state.alternate ? state.alt : state.normal;
  if (state.origin) out += '\x1b[?6h';
  out += position(Math.min(cursor.x, cols - 1), cursor.y - (state.origin ? shown.top : 0));
  if (cursor.x >= cols) out += pendingWrap(shown.rows[cursor.y]?.cells ?? [], cursor.y - (state.origin ? shown.top : 0));

  for (const [g, name] of state.charsets.entries()) if (name !== 'B') out += `\x1b${'()*+'.charAt(g)}${name}`;
  out += ['', '\x0e', '\x1bn', '\x1bo'][state.level] ?? '';
  if (state.insert) out += '\x1b[4h';
  if (state.newLine) out += '\x1b[20h';
  if (!state.wraparound) out += '\x1b[?7l';
  if (state.reverseWraparound) out += '\x1b[?45h';
  if (cursor.hidden) out += '\x1b[?25l';
  if (cursor.style !== 0) out += `\x1b[${cursor.style} q`;
  return out + pen(state.attributes);
}

function hasSaved({saved}: ScreenState): boolean {
  return saved.x !== 0 || saved.y !== 0 || saved.fg !== 0 || saved.bg !== 0 || saved.charset !== 'B';
}

/** Cursor position, counted from 0. */
function position(x: number, y: number): string {
  return `\x1b[${y + 1};${x + 1}H`;
}

/** Saves a cursor on a blank screen, which is blank again afterwards. */
function save({saved}: ScreenState, cols: number): string {
  const {x, y, fg, bg, charset} = saved;
  const wraps = x >= cols;
  return (
    position(wraps ? cols - 1 : x, y) +
    (wraps ? ' ' : '') +
    pen({fg, bg, underline: bg & BG.extended ? 1 : 0, underlineColour: 0}) +
    `\x1b(${charset}\x1b7\x1b(B\x1b[m` +
    (wraps ? `${position(cols - 1, y)}\x1b[X` : '')
  );
}

function screen(state: ScreenState, cols: number): string {
  let out = '';
  if (hasSaved(state)) out += save(state, cols);
  out += rows(state, cols);
  const everyEighth = state.tabs.length === Math.ceil(cols / 8) && state.tabs.every((x, i) => x === i * 8);
  if (!everyEighth) out += `\x1b[3g${state.tabs.map((x) => `\x1b[${x + 1}G\x1bH`).join('')}`;
  if (state.top !== 0 || state.bottom !== state.rows.length - 1) out += `\x1b[${state.top + 1};${state.bottom + 1}r`;
  return out;
}

function rows({rows: all}: ScreenState, cols: number): string {
  let out = '';
  for (const [y, {wrapped}] of all.entries()) {
    if (!wrapped) continue;
    // Two characters at the end of the row above make the row wrapped. The first row has none above it, so the second
    // one is made wrapped and moved up.
    const above = Math.max(y - 1, 0);
    out += `${position(cols - 1, above)}  ${position(cols - 1, above)}\x1b[X${position(0, above + 1)}\x1b[X`;
    if (y === 0 && all.length > 1) out += '\x1b[H\x1b[M';
  }
  const brush = new Brush(cols);
  for (const [y, {cells}] of all.entries()) brush.row(y, cells);
  return out + brush.finish();
}

/** Writes rows onto a blank screen with few sequences, knowing where the terminal's cursor and what its pen is. */
class Brush {
  private out = '';
  private pen = noAttributes;
  private y = 0;
  /** Column of the cursor; undefined when it is not known to be in row `y`. */
  private x: number | undefined;

  constructor(private readonly cols: number) {}

  row(y: number, cells: readonly Cell[]): void {
    this.y = y;
    this.x = undefined;
    const {cols} = this;
    const last = cells[cols - 1];
    if (last && isEmpty(last) && !isErased(last)) this.emptyLast(last);
    /** Column that holds something other than blank although nothing was to be there. */
    let stain = -1;
    for (let x = 0; x < cols; x++) {
      const cell = cells[x];
      if (!cell) break;
      if (isEmpty(cell)) {
        if (isErased(cell)) {
          let end = x + 1;
          for (let next = cells[end]; next && isEmpty(next) && sameAttributes(next, cell); next = cells[++end]);
          if (!sameAttributes(cell, noAttributes)) this.erase(x, end - x, cell);
          else if (stain === x) this.erase(x, 1, cell);
          x = end - 1;
        } else if (x + 1 < cols) {
          // The left half of a wide character becomes an empty cell with all attributes of what is written on its right.
          this.put(x, '\u3000', cell, 2);
          this.put(x + 1, ' ', cell, 1);
          stain = x + 1;
        }
      } else if (cell.width > 0) {
        this.put(x, cell.chars, cell, cell.width);
      } else if (cell.chars !== '') {
        // A mark that follows a control stands in a cell of its own.
        this.x = undefined;
        this.put(x, cell.chars, cell, 1);
      }
    }
  }

  finish(): string {
    this.use(noAttributes);
    return this.out;
  }

  /** An empty cell with all attributes at the end of the row: the half of a wide character that was pushed out. */
  private emptyLast(cell: Cell): void {
    this.put(this.cols - 2, '\u3000', cell, 2);
    this.out += '\x1b[4h';
    this.put(0, ' ', cell, 1);
    this.out += '\x1b[4l';
    this.erase(0, 1, noAttributes);
  }

  private put(x: number, chars: string, attributes: Attributes, width: number): void {
    // Without a movement between them it would join what the cell before holds.
    if (mayJoin(chars) || joinsNext(this.out)) this.x = undefined;
    this.moveTo(x);
    this.use(attributes);
    this.out += chars;
    this.x = x + width < this.cols ? x + width : undefined;
  }

  private erase(x: number, count: number, attributes: Attributes): void {
    this.moveTo(x);
    this.use(attributes);
    this.out += count === 1 ? '\x1b[X' : `\x1b[${count}X`;
  }

  private moveTo(x: number): void {
    if (this.x !== x) this.out += position(x, this.y);
    this.x = x;
  }

  private use(attributes: Attributes): void {
    if (sameAttributes(attributes, this.pen)) return;
    this.out += pen(attributes);
    this.pen = attributes;
  }
}

const noAttributes: Attributes = {fg: 0, bg: 0, underline: 0, underlineColour: 0};

function isEmpty(cell: Cell): boolean {
  return cell.chars === '' && cell.width === 1;
}

/** Whether a cell has no more than the colour that erasing gives it. */
function isErased({fg, bg, underline, underlineColour}: Cell): boolean {
  return fg === 0 && (bg & ~0x3ffffff) === 0 && underline === 0 && underlineColour === 0;
}

function sameAttributes(a: Attributes, b: Attributes): boolean {
  return a.fg === b.fg && a.bg === b.bg && a.underline === b.underline && a.underlineColour === b.underlineColour;
}

/** Writes the last cell of the row again, so that the next character wraps. */
function pendingWrap(cells: readonly Cell[], y: number): string {
  const last = cells.at(-1);
  const cell = last?.width === 0 && last.chars === '' ? cells.at(-2) : last;
  if (!cell || cell.chars === '') return '';
  return position(cells.length - Math.max(cell.width, 1), y) + pen(cell) + cell.chars;
}

/** SGR for a whole set of attributes, from any other, and DECSCA, which SGR 0 switches off in xterm.js. */
function pen({fg, bg, underline, underlineColour}: Attributes): string {
  const codes = ['0'];
  if (fg & FG.bold) codes.push('1');
  if (bg & BG.dim) codes.push('2');
  if (bg & BG.italic) codes.push('3');
  // The colour comes first: the style tells xterm.js that there is one.
  if (underlineColour) codes.push(`58${colourParameters(underlineColour, ':')}`);
  if (underline) codes.push(underline === 1 ? '4' : `4:${underline}`);
  if (fg & FG.blink) codes.push('5');
  if (fg & FG.inverse) codes.push('7');
  if (fg & FG.invisible) codes.push('8');
  if (fg & FG.strikethrough) codes.push('9');
  if (bg & BG.overline) codes.push('53');
  codes.push(...colourCodes(fg, 30, 90, '38'), ...colourCodes(bg, 40, 100, '48'));
  const sgr = codes.length === 1 ? '' : codes.join(';');
  return `\x1b[${sgr}m${bg & BG.protected ? '\x1b[1"q' : ''}`;
}

function colourCodes(packed: number, dark: number, bright: number, extended: string): string[] {
  switch (packed & COLOUR.mode) {
    case 0:
      return [];
    case COLOUR.palette16: {
      const n = packed & 0xff;
      return [String(n < 8 ? dark + n : bright + n - 8)];
    }
    default:
      return [extended + colourParameters(packed, ';')];
  }
}

function colourParameters(packed: number, separator: ';' | ':'): string {
  const n = packed & 0xffffff;
  const parameters =
    (packed & COLOUR.mode) === COLOUR.rgb ? [2, ...(separator === ':' ? [''] : []), n >>> 16, (n >>> 8) & 0xff, n & 0xff] : [5, n & 0xff];
  return separator + parameters.join(separator);
}
