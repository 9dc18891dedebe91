import type {Terminal} from '@xterm/headless';
import type {HeadlessTerminal} from '../../terminal/headless.ts';

/**
 * The whole state of a terminal that sanitised output can bring about, as plain data: two terminals of equal state show
 * the same now and after any further output.
 *
 * Most of it is not in xterm.js's interface. It is read from the fields of version 6.0.0 that are listed in `Internals`;
 * `readState` says so when they are not there.
 */
export type TerminalState = {
  cols: number;
  rows: number;
  alternate: boolean;
  normal: ScreenState;
  /** Without rows while it is not shown: it is empty then. */
  alt: ScreenState;
  cursor: {x: number; y: number; hidden: boolean; style: number};
  attributes: Attributes;
  /** Names (final characters) of the sets designated as G0 to G3. */
  charsets: readonly string[];
  /** Which of them is in use. */
  level: number;
  /** The set that is in use; after DECRC it may be another one than `charsets[level]`. */
  charset: string;
  insert: boolean;
  /** LNM. */
  newLine: boolean;
  origin: boolean;
  wraparound: boolean;
  reverseWraparound: boolean;
};

export type ScreenState = {
  rows: Row[];
  /** First and last row of the scroll region. */
  top: number;
  bottom: number;
  /** Columns of the tab stops. */
  tabs: number[];
  /** DECSC. `x` is the width when the next character was to wrap. */
  saved: {x: number; y: number; fg: number; bg: number; charset: string};
};

/** `wrapped`: the row goes on with the line that the row above began. */
export type Row = {wrapped: boolean; cells: Cell[]};

export type Attributes = {
  /** Colour and flags as xterm.js packs them (`Attributes`, `FgFlags` in its buffer/Constants.ts). */
  fg: number;
  bg: number;
  /** Style of the underline, 0 to 5 as in SGR 4:n. */
  underline: number;
  /** Its colour, packed as in `fg`; 0 for that of the text. */
  underlineColour: number;
};

/** An empty cell has no `chars`; the right half of a wide character has width 0. */
export type Cell = Attributes & {chars: string; width: number};

export const FG = {
  inverse: 0x4000000,
  bold: 0x8000000,
  underline: 0x10000000,
  blink: 0x20000000,
  invisible: 0x40000000,
  strikethrough: 0x80000000,
};
export const BG = {italic: 0x4000000, dim: 0x8000000, extended: 0x10000000, protected: 0x20000000, overline: 0x40000000};
export const COLOUR = {mode: 0x3000000, palette16: 0x1000000, palette256: 0x2000000, rgb: 0x3000000};

type InternalAttributes = {fg: number; bg: number; extended: {underlineStyle: number; underlineColor: number}};
type InternalLine = {
  isWrapped: boolean;
  length: number;
  loadCell(x: number, cell: InternalCell): InternalCell;
};
type InternalCell = InternalAttributes & {getChars(): string; getWidth(): number};
type Charset = object | undefined;
type InternalBuffer = {
  lines: {length: number; get(y: number): InternalLine | undefined};
  x: number;
  y: number;
  ybase: number;
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  savedX: number;
  savedY: number;
  savedCurAttrData: {fg: number; bg: number};
  savedCharset: Charset;
};
type Internals = {
  buffers: {normal: InternalBuffer; alt: InternalBuffer; active: InternalBuffer};
  coreService: {
    isCursorHidden: boolean;
    modes: {insertMode: boolean};
    decPrivateModes: {
      origin: boolean;
      wraparound: boolean;
      reverseWraparound: boolean;
      cursorStyle?: 'block' | 'underline' | 'bar';
      cursorBlink?: boolean;
    };
  };
  _charsetService: {charset: Charset; glevel: number; _charsets: Charset[]};
  _inputHandler: {_curAttrData: InternalAttributes};
};

function internals(terminal: Terminal): Internals {
  const core = (terminal as unknown as {_core?: Partial<Internals>})._core;
  if (
    !core?.buffers?.normal ||
    !core.coreService?.decPrivateModes ||
    !core._charsetService?._charsets ||
    !core._inputHandler?._curAttrData
  ) {
    throw new Error(
      '@xterm/headless: expected the internal fields of version 6.0.0; adapt src/replay/outline/state.ts to the installed version',
    );
  }
  return core as Internals;
}

export function readState(terminal: HeadlessTerminal): TerminalState {
  const {buffers, coreService, _charsetService: charsets, _inputHandler: handler} = internals(terminal);
  const {cols, rows} = terminal;
  const modes = coreService.decPrivateModes;
  const {active} = buffers;
  const cell = terminal.buffer.active.getNullCell() as unknown as InternalCell;
  return {
    cols,
    rows,
    alternate: active === buffers.alt,
    normal: readScreen(buffers.normal, cols, cell),
    alt: readScreen(buffers.alt, cols, cell),
    cursor: {x: active.x, y: active.y, hidden: coreService.isCursorHidden, style: cursorStyle(modes.cursorStyle, modes.cursorBlink)},
    attributes: {
      ...readAttributes(handler._curAttrData),
      underline: handler._curAttrData.extended.underlineStyle,
      underlineColour: colour(handler._curAttrData.extended.underlineColor),
    },
    charsets: [0, 1, 2, 3].map((g) => charsetName(charsets._charsets[g])),
    level: charsets.glevel,
    charset: charsetName(charsets.charset),
    insert: coreService.modes.insertMode,
    newLine: terminal.newLine,
    origin: modes.origin,
    wraparound: modes.wraparound,
    reverseWraparound: modes.reverseWraparound,
  };
}

/** @param cell to read into */
function readScreen(buffer: InternalBuffer, cols: number, cell: InternalCell): ScreenState {
  const rows: Row[] = [];
  for (let y = buffer.ybase; y < buffer.lines.length; y++) {
    const line = buffer.lines.get(y);
    if (!line) continue;
    const cells: Cell[] = [];
    for (let x = 0; x < line.length; x++) {
      line.loadCell(x, cell);
      const {fg, bg, underline, underlineColour} = readAttributes(cell);
      cells.push({fg, bg, underline, underlineColour, chars: cell.getChars(), width: cell.getWidth()});
    }
    rows.push({wrapped: line.isWrapped, cells});
  }
  const tabs = Object.keys(buffer.tabs)
    .map(Number)
    .filter((x) => x < cols && buffer.tabs[x]);
  return {
    rows,
    top: buffer.scrollTop,
    bottom: buffer.scrollBottom,
    tabs,
    saved: {
      x: buffer.savedX,
      y: buffer.savedY - buffer.ybase,
      fg: packed(buffer.savedCurAttrData.fg),
      bg: packed(buffer.savedCurAttrData.bg),
      charset: charsetName(buffer.savedCharset),
    },
  };
}

function readAttributes({fg, bg, extended}: InternalAttributes): Attributes {
  const styled = (bg & BG.extended) !== 0;
  return {
    fg: packed(fg),
    bg: packed(bg),
    underline: styled ? extended.underlineStyle : 0,
    underlineColour: styled ? colour(extended.underlineColor) : 0,
  };
}

/** Flags and colour without the bits that an earlier colour left behind. */
function packed(value: number): number {
  return (value & ~0x3ffffff) | colour(value);
}

function colour(value: number): number {
  switch (value & COLOUR.mode) {
    case 0:
      return 0;
    case COLOUR.rgb:
      return value & 0x3ffffff;
    default:
      return value & (COLOUR.mode | 0xff);
  }
}

/** The parameter of DECSCUSR; 0 for the terminal's own choice. */
function cursorStyle(style: 'block' | 'underline' | 'bar' | undefined, blink: boolean | undefined): number {
  if (style === undefined) return 0;
  return {block: 2, underline: 4, bar: 6}[style] - (blink ? 1 : 0);
}

/** Final characters of the character sets that xterm.js knows, and the sets themselves once a terminal used them. */
export const charsetNames = ['0', 'A', '4', 'C', 'R', 'Q', 'K', 'Y', 'E', 'Z', 'H', '='] as const;
const namesOfCharsets = new Map<Charset, string>([[undefined, 'B']]);

function charsetName(charset: Charset): string {
  return namesOfCharsets.get(charset) ?? '?';
}

/** Learns which table is which set: xterm.js keeps the tables, which all terminals share, but not their names. */
export function learnCharsets(terminal: HeadlessTerminal): void {
  const {_charsetService: charsets} = internals(terminal);
  for (const name of charsetNames) {
    terminal.take(`\x1b(${name}`);
    namesOfCharsets.set(charsets._charsets[0], name);
  }
  terminal.reset();
}

/** Whether two terminals show the same and will go on to do so. */
export function sameState(a: TerminalState, b: TerminalState): boolean {
  return (
    JSON.stringify(withoutRows(a)) === JSON.stringify(withoutRows(b)) &&
    sameRows(a.normal.rows, b.normal.rows) &&
    sameRows(a.alt.rows, b.alt.rows)
  );
}

function withoutRows(state: TerminalState): TerminalState {
  return {...state, normal: {...state.normal, rows: []}, alt: {...state.alt, rows: []}};
}

function sameRows(a: readonly Row[], b: readonly Row[]): boolean {
  return (
    a.length === b.length &&
    a.every((row, y) => row.wrapped === b[y]?.wrapped && row.cells.every((cell, x) => sameCell(cell, b[y]?.cells[x])))
  );
}

function sameCell(a: Cell, b: Cell | undefined): boolean {
  return (
    a.chars === b?.chars &&
    a.width === b.width &&
    a.fg === b.fg &&
    a.bg === b.bg &&
    a.underline === b.underline &&
    a.underlineColour === b.underlineColour
  );
}
