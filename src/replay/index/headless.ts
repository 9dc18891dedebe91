import * as headless from '@xterm/headless';

// Node sees the package's CommonJS file as a default export, bundlers see its ES module.
const {Terminal: Headless} = 'Terminal' in headless ? headless : (headless as unknown as {default: typeof headless}).default;

/** A terminal without a screen, as the recording's terminal was: what scrolls off the top is gone. */
export class ReplayTerminal extends Headless {
  constructor(cols: number, rows: number, scrollback = 0) {
    super({cols, rows, scrollback, allowProposedApi: true, logLevel: 'off'});
  }

  /** Writes sanitised output. @returns when the terminal has taken it in */
  take(data: string): Promise<void> {
    return data === '' ? Promise.resolve() : new Promise((resolve) => this.write(data, resolve));
  }

  /** A new terminal's state, at a size. */
  restart(cols: number, rows: number): void {
    this.resize(cols, rows);
    this.reset();
  }
}
