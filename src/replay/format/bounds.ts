import {parseResize} from './parse.ts';
import type {Cast} from './types.ts';

/** The largest width and the largest height that the terminal has in a recording. */
export function terminalBounds({header, events}: Cast): {cols: number; rows: number} {
  let {cols, rows} = header;
  for (const event of events) {
    const size = event.code === 'r' ? parseResize(event.data) : undefined;
    if (!size) continue;
    cols = Math.max(cols, size.cols);
    rows = Math.max(rows, size.rows);
  }
  return {cols, rows};
}
