import {HeadlessTerminal} from '../../src/terminal/headless.ts';

/** A terminal without a display: what a person would see of some output. */
export type Screen = {
  write: (data: string) => Promise<void>;
  /** The rows on the screen, as text without trailing spaces. */
  rows: () => string[];
  /** Every line since the start, those that were wrapped as one. */
  lines: () => string[];
  dispose: () => void;
};

/** @param onReply called with what a terminal sends by itself, when a program asks it where the cursor is, for example */
export function createScreen(cols: number, rows: number, onReply?: (data: string) => void): Screen {
  const terminal = new HeadlessTerminal(cols, rows, 100_000);
  if (onReply) terminal.onData(onReply);
  const {active: buffer} = terminal.buffer;
  return {
    write(data) {
      terminal.take(data);
      return Promise.resolve();
    },
    rows: () =>
      Array.from(
        {length: rows},
        (_, row) => terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row)?.translateToString(true) ?? '',
      ),
    lines() {
      const lines: string[] = [];
      for (let y = 0; y < buffer.length; y++) {
        const line = buffer.getLine(y);
        if (!line) continue;
        const text = line.translateToString(true);
        if (line.isWrapped) lines.push((lines.pop() ?? '') + text);
        else lines.push(text);
      }
      while (lines.at(-1) === '') lines.pop();
      return lines;
    },
    dispose: () => terminal.dispose(),
  };
}

/** The plain text of some output: what is left on a terminal of the given size when all of it was printed. */
export async function textOf(output: string, cols: number, rows: number): Promise<string> {
  const screen = createScreen(cols, rows);
  await screen.write(output);
  const text = screen.lines().join('\n');
  screen.dispose();
  return text;
}
