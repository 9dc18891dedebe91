import * as headless from '@xterm/headless';
import type {IBufferCell} from '@xterm/headless';

import {widths} from './widths.ts';

// Node sees the package's CommonJS file as a default export, bundlers see its ES module, and warn of an export that it
// lacks when it is named.
const exported: unknown = 'Terminal' in headless ? headless : Reflect.get(headless, 'default');
const {Terminal: Headless} = exported as typeof headless;

/** What is used of xterm.js's own parts, behind its public interface. The version is pinned in package.json. */
type Core = {
  writeSync(data: string): void;
  buffers: {active: CoreBuffer; normal: CoreBuffer; alt: CoreBuffer};
  _inputHandler: {eraseInLine(erase: Erase, selective: boolean): void; eraseInDisplay(erase: Erase, selective: boolean): void};
};
type Erase = {params: number[]};
type CoreBuffer = {
  x: number;
  y: number;
  ybase: number;
  lines: {length: number; maxLength: number; get(row: number): {resize(cols: number, fill: IBufferCell): void} | undefined};
};

/**
 * A terminal without a screen, as the recording's terminal was: what scrolls off the top is gone, and a change of width
 * cuts or widens each row where it is. Nothing is wrapped again: whether it would be depends on more than the screen
 * shows, and xterm.js 6.0 can fail at it (`Cannot read properties of undefined (reading 'getWidth')`).
 */
export class HeadlessTerminal extends Headless {
  constructor(cols: number, rows: number, scrollback = 0) {
    super({
      cols,
      rows,
      scrollback,
      allowProposedApi: true,
      logLevel: 'off',
      // The one public way to switch rewrapping off: so it is for a Windows console that does this itself.
      windowsPty: {backend: 'winpty', buildNumber: 1},
    });
    this.unicode.register(widths);
    this.unicode.activeVersion = widths.version;
    this.parser.registerCsiHandler({final: 'J'}, ([what]) => this.eraseAbove(what, false));
    // xterm.js has LNM as an option, which its own resets leave as it is.
    this.parser.registerEscHandler({final: 'c'}, () => {
      this.options.convertEol = false;
      return false;
    });
    this.parser.registerCsiHandler({prefix: '?', final: 'J'}, ([what]) => this.eraseAbove(what, true));
  }

  /** Whether a line feed is also a carriage return (LNM). */
  get newLine(): boolean {
    return this.options.convertEol ?? false;
  }

  private get core(): Core {
    return (this as unknown as {_core: Core})._core;
  }

  /**
   * Erases up to the cursor (ED 1, DECSED 1) when that is at the end of the last row there is. There xterm.js 6.0 fails:
   * it wants the next row (`Cannot set properties of undefined (setting 'isWrapped')`).
   *
   * @returns false where xterm.js's own way is right
   */
  private eraseAbove(what: number | number[] | undefined, selective: boolean): boolean {
    const {_inputHandler: input, buffers} = this.core;
    const {active} = buffers;
    const fails = what === 1 && active.x + 1 >= this.cols && !active.lines.get(active.ybase + active.y + 1);
    if (!fails) return false;
    input.eraseInLine({params: [1]}, selective);
    if (active.y > 0) {
      active.y -= 1;
      input.eraseInDisplay({params: [1]}, selective);
      active.y += 1;
    }
    return true;
  }

  /** Besides what xterm.js does, forgets what a row had beyond the new width: no screen shows it. */
  override resize(cols: number, rows: number): void {
    super.resize(cols, rows);
    const {normal, alt} = this.core.buffers;
    // An alternate screen without rows keeps room for as many as it had, and gives a later screen too many.
    if (alt.lines.length === 0) alt.lines.maxLength = rows;
    const blank = this.buffer.active.getNullCell();
    for (const {lines} of [normal, alt]) {
      for (let row = 0; row < lines.length; row += 1) lines.get(row)?.resize(cols, blank);
    }
  }

  /**
   * Takes in sanitised output before it returns. xterm.js's own `write` waits for a timer each time, which for the many
   * small writes of an index is half of the time; what it waits for, handlers that are asynchronous, is not used here.
   */
  take(data: string): void {
    // An empty piece would end xterm.js's loop over what is still to be taken in.
    if (data === '') return;
    this.core.writeSync(data);
  }

  override reset(): void {
    this.options.convertEol = false;
    super.reset();
  }

  /** A new terminal's state, at a size. */
  restart(cols: number, rows: number): void {
    this.resize(cols, rows);
    this.reset();
  }
}
