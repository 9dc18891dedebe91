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
  const playback = new Playback(cast, index);
  const terminal = playback.at(time);
  const html = screenHtml(terminal.buffer.active, terminal.cols, terminal.rows, !readState(terminal).cursor.hidden);
  playback.dispose();
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
  const playback = new Playback(cast, index);
  for (const time of times) {
    const rows = filledRows(playback.at(time));
    if (rows >= best.rows) best = {time, rows};
  }
  playback.dispose();
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

/** Shows moments of a recording, one after the other. What is between two of them is played at most once. */
class Playback {
  private readonly terminal: HeadlessTerminal;
  private sanitizer: Sanitizer;
  private readonly bounds: {cols: number; rows: number};
  /** The next event to play. */
  private position = -1;

  constructor(
    private readonly cast: Cast,
    private readonly index: ReplayIndex,
  ) {
    this.bounds = terminalBounds(cast);
    this.terminal = new HeadlessTerminal(index.cols, index.rows);
    this.sanitizer = new Sanitizer(this.bounds);
  }

  /** @param time seconds, no less than the last time */
  at(time: number): HeadlessTerminal {
    const {terminal, cast} = this;
    const keyframe = nearestKeyframe(this.index, time);
    if (keyframe.event > this.position) {
      terminal.restart(keyframe.cols, keyframe.rows);
      terminal.take(keyframe.screen);
      this.sanitizer = new Sanitizer(this.bounds);
      this.position = keyframe.event;
    }
    for (; ; this.position++) {
      const event = cast.events[this.position];
      if (!event || event.time > time) return terminal;
      const size = event.code === 'r' ? parseResize(event.data) : undefined;
      if (size) terminal.resize(size.cols, size.rows);
      else if (event.code === 'o') terminal.take(this.sanitizer.push(event.data));
    }
  }

  dispose(): void {
    this.terminal.dispose();
  }
}
