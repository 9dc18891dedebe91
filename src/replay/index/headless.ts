import * as headless from '@xterm/headless';

// Node sees the package's CommonJS file as a default export, bundlers see its ES module, and warn of an export that it
// lacks when it is named.
const exported: unknown = 'Terminal' in headless ? headless : Reflect.get(headless, 'default');
const {Terminal: Headless} = exported as typeof headless;

/** A terminal without a screen, as the recording's terminal was: what scrolls off the top is gone. */
export class ReplayTerminal extends Headless {
  constructor(cols: number, rows: number, scrollback = 0) {
    super({cols, rows, scrollback, allowProposedApi: true, logLevel: 'off'});
  }

  /**
   * Takes in sanitised output before it returns. xterm.js's own `write` waits for a timer each time, which for the many
   * small writes of an index is half of the time; what it waits for, handlers that are asynchronous, is not used here.
   */
  take(data: string): void {
    // An empty piece would end xterm.js's loop over what is still to be taken in.
    if (data === '') return;
    (this as unknown as {_core: {writeSync(data: string): void}})._core.writeSync(data);
  }

  /** A new terminal's state, at a size. */
  restart(cols: number, rows: number): void {
    this.resize(cols, rows);
    this.reset();
  }
}
