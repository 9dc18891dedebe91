import {parseResize, Sanitizer, terminalBounds, type Cast} from '../format/index.ts';
import {screenHtml} from '../../terminal/rows.ts';
import {HeadlessTerminal} from '../../terminal/headless.ts';
import {nearestKeyframe} from './lookup.ts';
import {readState} from './state.ts';
import type {ReplayIndex} from './types.ts';

/**
 * The screen of a recording at a moment, as HTML: a `<div>` per row, made as `screenHtml` says.
 *
 * @param time seconds
 */
export function posterHtml(cast: Cast, index: ReplayIndex, time: number): string {
  const terminal = screenAt(cast, index, time);
  const html = screenHtml(terminal.buffer.active, terminal.cols, terminal.rows, !readState(terminal).cursor.hidden);
  terminal.dispose();
  return html;
}

/** Moments that are tried for the poster at most. */
const CANDIDATES = 50;

/** A moment that shows much: the last of those, just before a command, at which the fewest rows are blank. In seconds. */
export function posterTime(cast: Cast, index: ReplayIndex): number {
  const times = [...index.commands.slice(0, CANDIDATES).map(({end}) => end), index.duration];
  let best = {time: index.duration, rows: -1};
  for (const time of times) {
    const terminal = screenAt(cast, index, time);
    const buffer = terminal.buffer.active;
    let rows = 0;
    for (let y = 0; y < terminal.rows; y++)
      if (
        buffer
          .getLine(buffer.baseY + y)
          ?.translateToString(true)
          .trim()
      )
        rows++;
    terminal.dispose();
    if (rows >= best.rows) best = {time, rows};
  }
  return best.time;
}

function screenAt({events, header}: Cast, index: ReplayIndex, time: number): HeadlessTerminal {
  const keyframe = nearestKeyframe(index, time);
  const terminal = new HeadlessTerminal(keyframe.cols, keyframe.rows);
  const sanitizer = new Sanitizer(terminalBounds({events, header, duration: index.duration}));
  terminal.take(keyframe.screen);
  for (let i = keyframe.event; i < events.length; i++) {
    const event = events[i];
    if (!event || event.time > time) break;
    const size = event.code === 'r' ? parseResize(event.data) : undefined;
    if (size) terminal.resize(size.cols, size.rows);
    else if (event.code === 'o') terminal.take(sanitizer.push(event.data));
  }
  return terminal;
}
