import {parseResize, Sanitizer, terminalBounds, type Cast} from '../format/index.ts';
import {screenHtml} from '../../terminal/rows.ts';
import {HeadlessTerminal} from '../../terminal/headless.ts';
import {nearestKeyframe} from './lookup.ts';
import {alternateAfter, rest} from './screens.ts';
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

/** Commands whose end is tried for the poster, and screens at rest that are. */
const COMMANDS = 50;
const RESTS = 500;

/**
 * A moment that shows much: the last of those, just before a command, at which the fewest rows are blank; and where
 * another screen at rest has twice as many rows, as that of a full-screen program has when it is gone at the end, that
 * one. In seconds.
 */
export function posterTime(cast: Cast, index: ReplayIndex): number {
  const times = [...index.commands.slice(0, COMMANDS).map(({end}) => end), index.duration];
  let best = {time: index.duration, rows: -1};
  for (const time of times) {
    const terminal = screenAt(cast, index, time);
    const rows = filledRows(terminal);
    terminal.dispose();
    if (rows >= best.rows) best = {time, rows};
  }
  if (best.rows * 2 >= cast.header.rows) return best.time;
  const full = fullestRest(cast);
  return full.rows >= best.rows * 2 ? full.time : best.time;
}

/** The first screen at rest with the most rows that are not blank. */
function fullestRest(cast: Cast): {time: number; rows: number} {
  const {header, events, duration} = cast;
  const terminal = new HeadlessTerminal(header.cols, header.rows);
  const sanitizer = new Sanitizer(terminalBounds(cast));
  const best = {time: duration, rows: -1};
  let shownAt = 0;
  let text = '';
  let looks = 0;
  const look = () => {
    terminal.take(text);
    text = '';
    const rows = filledRows(terminal);
    if (rows > best.rows) Object.assign(best, {time: shownAt, rows});
  };
  for (const {time, code, data} of events) {
    if (code !== 'o' && code !== 'r') continue;
    const next = code === 'o' ? sanitizer.push(data) : '';
    if ((time - shownAt >= rest || alternateAfter(next) === false) && looks++ < RESTS) look();
    const size = code === 'r' ? parseResize(data) : undefined;
    if (size) {
      terminal.take(text);
      text = '';
      terminal.resize(size.cols, size.rows);
    }
    text += next;
    shownAt = time;
  }
  look();
  terminal.dispose();
  return best;
}

function filledRows(terminal: HeadlessTerminal): number {
  const {active} = terminal.buffer;
  let rows = 0;
  for (let y = 0; y < terminal.rows; y++) {
    const text = active.getLine(active.baseY + y)?.translateToString(true) ?? '';
    if (text.trim() !== '') rows++;
  }
  return rows;
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
