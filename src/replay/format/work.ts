import {CastWorkError} from './error.ts';

/**
 * Work that a recording may be besides {@link perCharacter}, in printed characters: some 0.6 s for each terminal that
 * plays it, of which an index takes three. At 80 × 24 it is 23,000 full resets or 139,000 cleared screens.
 */
const base = 2 ** 24;
/** Work that each character of output may be. Programs at 200 × 60 need up to 4: vim and less as they scroll back. */
const perCharacter = 8;

type Size = {cols: number; rows: number};

/**
 * What a sequence costs besides its length, in printed characters: some 40 ns of xterm.js 6.0. Measured at 80 × 24,
 * 200 × 60 and 1000 × 500.
 *
 * @param count its first number
 */
type Cost = (size: Size, count: number) => number;

/** A line made again, and those that move for it. */
const newLine = ({cols, rows}: Size): number => cols / 3 + rows / 4;
const newLines: Cost = (size, count) => Math.min(Math.max(count, 1), size.rows) * newLine(size);
const newScreen: Cost = ({cols, rows}) => (cols * rows * 3) / 8;
const moveCells: Cost = ({cols, rows}) => (cols * rows) / 8;
const fillCells: Cost = ({cols, rows}) => (cols * rows) / 16;
const row: Cost = ({cols}) => cols / 16;
const everyColumn: Cost = ({cols}) => cols;

/** By final character, with what stands before it other than numbers; those that cost no more than text are not here. */
const controlSequences = new Map<string, Cost>([
  ...Array.from('LMST', (final) => [final, newLines] as const), // IL, DL, SU, SD
  ...['J', '?J'].map((key) => [key, fillCells] as const), // ED, DECSED
  ...[' @', ' A', "'}", "'~"].map((key) => [key, moveCells] as const), // SL, SR, columns inserted and deleted
  ...['@', 'P', 'X', 'K', '?K'].map((key) => [key, row] as const), // ICH, DCH, ECH, EL
  ...['I', 'Z'].map((key) => [key, everyColumn] as const), // CHT, CBT
]);
const escapeSequences = new Map<string, Cost>([
  ['c', newScreen], // RIS
  ['M', newLine], // RI
  ['#8', fillCells], // DECALN
]);

/** Line feeds; CSI with prefix, numbers, intermediate and final character; escape sequences. */
const controls = /[\n\v\f]|\x1b(?:\[(\??)([\d:;]*)([ "'!]?)([@-~])|([()*+.#%-]?[0-~]))/g;

/** Counts what output costs a terminal to take in: a few characters may have it move or make again every cell there is. */
export class WorkCounter {
  private size: Size;
  /** Whether a part of the screen scrolls by itself: then each line that moves costs. */
  private region = false;
  /** The most characters that the last cell written to may hold. REP repeats them all. */
  private cluster = 1;

  constructor({cols, rows}: Size) {
    this.size = {cols, rows};
  }

  /** @returns the work of a new size */
  resize({cols, rows}: Size): number {
    const cells = Math.max(cols * rows, this.size.cols * this.size.rows);
    this.size = {cols, rows};
    return 2 ** 10 + cells / 8;
  }

  /** @returns the work of some output, sanitised: it ends within no sequence */
  output(text: string): number {
    // Each row that is full goes on in the next one, which may scroll.
    let work = text.length + (text.length / this.size.cols) * this.feed();
    let from = 0;
    for (const match of text.matchAll(controls)) {
      this.print(text, from, match.index);
      from = match.index + match[0].length;
      work += this.control(match);
    }
    this.print(text, from, text.length);
    return work;
  }

  private control([, prefix = '', numbers = '', intermediate = '', final, escape]: RegExpMatchArray): number {
    const {size} = this;
    if (escape !== undefined) {
      if (escape === 'c') this.region = false;
      return escape === 'D' || escape === 'E' ? this.feed() : (escapeSequences.get(escape)?.(size, 1) ?? 0);
    }
    if (final === undefined) return this.feed();
    const kind = prefix + intermediate + final;
    if (kind === 'b') return Math.max(Number.parseInt(numbers, 10) || 1, 1) * this.cluster;
    if (kind === 'r') this.region = /[^;0]/.test(numbers);
    // An alternate screen is new each time.
    if (kind === '?h') return /\b(?:47|1047|1049)\b/.test(numbers) ? newScreen(size, 1) : 0;
    return controlSequences.get(kind)?.(size, Number.parseInt(numbers, 10) || 1) ?? 0;
  }

  /** The work of a line feed. */
  private feed(): number {
    const {cols, rows} = this.size;
    return this.region ? cols / 8 + rows / 2 : cols / 16;
  }

  /** Takes in what is printed: text from `from` up to `to`. */
  private print(text: string, from: number, to: number): void {
    if (from === to) return;
    let start = to;
    // What is not ASCII may join what is before it, whatever that is.
    while (start > from && text.charCodeAt(start - 1) >= 0x80) start--;
    this.cluster = start === from ? this.cluster + to - from : to - start + 1;
  }
}

/** Adds up the work of a recording, and says so when it is too much. */
export class WorkBudget {
  private left: number;

  /** @param total characters of its output */
  constructor(total: number) {
    this.left = base + total * perCharacter;
  }

  /**
   * @param event index of the event that is the work
   * @param time when it happens, in seconds
   * @throws CastWorkError when there has been too much of it
   */
  spend(work: number, event: number, time: number): void {
    this.left -= work;
    if (this.left < 0) throw new CastWorkError(event, time);
  }
}
