import {HeadlessTerminal} from '../../terminal/headless.ts';
import {parseResize, Sanitizer, terminalBounds, type Cast, type CastEvent} from '../format/index.ts';

/** A line that came into view. A line that the terminal wrapped is whole. */
export type SeenLine = {
  text: string;
  /** Seconds at which it did. */
  time: number;
  /** Index of the line that it took the place of, as a line being typed does with each key; -1 for none. */
  before: number;
};

/** Seconds that a frame is shown for: what comes and goes within one is not seen. */
const FRAME = 1 / 60;
/** Text that is kept, in UTF-16 code units. What comes after that is not searched. */
const MOST = 2 ** 24;

/** Plays a recording from its start, piece by piece, and notes each line that came into view. */
export class SeenReader {
  readonly lines: SeenLine[] = [];
  /** Whether all is read. */
  done = false;
  /** Seconds up to which it is. */
  time = 0;

  private readonly terminal: HeadlessTerminal;
  private readonly sanitizer: Sanitizer;
  private position = 0;
  private room = MOST;
  /** Lines on the screen: index into `lines` by row; -1 for none. */
  private shown: number[] = [];
  /** Rows that went up since then. */
  private scrolled = 0;

  constructor(private readonly cast: Cast) {
    const {cols, rows} = cast.header;
    this.terminal = new HeadlessTerminal(cols, rows);
    this.sanitizer = new Sanitizer(terminalBounds(cast));
    this.terminal.onScroll(() => this.scrolled++);
  }

  /**
   * Reads on.
   *
   * @param goOn asked after each frame
   */
  read(goOn: () => boolean): void {
    const {events, duration} = this.cast;
    while (!this.done) {
      const first = events[this.position];
      if (!first || this.room <= 0) {
        this.done = true;
        if (!first) this.time = duration;
        this.terminal.dispose();
        return;
      }
      for (let event: CastEvent | undefined = first; event && event.time <= first.time + FRAME; event = events[++this.position])
        this.take(event);
      this.look();
      if (!goOn()) return;
    }
  }

  private take({code, data, time}: CastEvent): void {
    this.time = time;
    const size = code === 'r' ? parseResize(data) : undefined;
    if (size) this.terminal.resize(size.cols, size.rows);
    if (code !== 'o') return;
    // What runs through faster than a frame was printed all the same: no line may scroll away unseen.
    const most = Math.max(this.terminal.rows - 1, 1);
    const text = this.sanitizer.push(data);
    let from = 0;
    let feeds = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      if (++feeds < most) continue;
      this.terminal.take(text.slice(from, at + 1));
      this.look();
      from = at + 1;
      feeds = 0;
    }
    this.terminal.take(text.slice(from));
  }

  /** Notes the lines that are new on the screen. */
  private look(): void {
    const texts = this.texts();
    const {lines, shown} = this;
    const isThere = (row: number): boolean => shown[row] !== undefined && shown[row] >= 0;
    /** Rows of the screen before that are still to be found on this one, by their text. */
    const left = new Map<string, number[]>();
    for (const [row, line] of shown.entries()) {
      if (line < 0) continue;
      const text = lines[line]?.text ?? '';
      left.set(text, [...(left.get(text) ?? []), row]);
    }
    const now = texts.map((text, row) => {
      const rows = left.get(text);
      if (!rows || text === '') return -1;
      const same = rows.indexOf(row);
      const [found = -1] = rows.splice(Math.max(same, 0), 1);
      if (rows.length === 0) left.delete(text);
      return shown[found] ?? -1;
    });
    const gone = new Set([...left.values()].flat().filter(isThere));
    for (const [row, text] of texts.entries()) {
      if (text === '' || (now[row] ?? -1) >= 0) continue;
      const was = row + this.scrolled;
      const grown = gone.has(was) ? was : undefined;
      if (grown !== undefined) gone.delete(grown);
      now[row] = lines.push({text, time: this.time, before: grown === undefined ? -1 : (shown[grown] ?? -1)}) - 1;
      this.room -= text.length;
    }
    this.shown = now;
    this.scrolled = 0;
  }

  /** The screen's lines, each at its first row; `''` at the rows that go on with one. */
  private texts(): string[] {
    const {buffer, rows} = this.terminal;
    const texts: string[] = [];
    let start = 0;
    for (let y = 0; y < rows; y++) {
      const row = buffer.active.getLine(buffer.active.baseY + y);
      const wraps = y + 1 < rows && (buffer.active.getLine(buffer.active.baseY + y + 1)?.isWrapped ?? false);
      const text = row?.translateToString(!wraps) ?? '';
      if (row?.isWrapped && y > 0) {
        texts[start] = (texts[start] ?? '') + text;
        texts.push('');
      } else {
        start = y;
        texts.push(text);
      }
    }
    return texts.map((text) => text.trimEnd());
  }
}
