import {parseResize, plainText, Sanitizer, terminalBounds, WorkBudget, WorkCounter, type Cast} from '../format/index.ts';
import {KeyframeMaker, keyframeSpacing} from './keyframes.ts';
import {alternateAfter, rest} from './screens.ts';
import {ShellReader} from './shell.ts';
import type {Marker, ReplayIndex} from './types.ts';

export type IndexOptions = {
  /** Called now and then with the share of the work that is done, 0 to 1. */
  onProgress?: (done: number) => void;
  /** Stops the work; `buildIndex` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Output between two keyframes, in UTF-16 code units; by default as `keyframeSpacing` has it. */
  spacing?: number;
};

/** Lets others run, such as the one who asks to stop. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Events between two reports of progress. */
const REPORT = 2048;

/**
 * Derives the index of a recording. Needs @xterm/headless; runs in Node and in a worker.
 *
 * @throws CastWorkError when playing the recording would take too long for its length. Without an index nothing is
 *   played, so this keeps all that plays from standing still
 */
export async function buildIndex(cast: Cast, {onProgress, signal, spacing}: IndexOptions = {}): Promise<ReplayIndex> {
  const {header, events, duration} = cast;
  const {cols, rows} = header;
  let total = 0;
  for (const event of events) if (event.code === 'o') total += event.data.length;

  const keyframes = new KeyframeMaker(cols, rows, spacing ?? keyframeSpacing(total));
  const shell = new ShellReader(cols, rows);
  const counter = new WorkCounter(header);
  const budget = new WorkBudget(total);
  const markers: Marker[] = [];
  let marks: {payload: string; offset: number}[] = [];
  const room = terminalBounds(cast);
  const sanitizer = new Sanitizer({...room, onOsc: (payload, offset) => marks.push({payload, offset})});
  let before = 0;
  let shownAt = 0;
  let done = 0;
  const look = () => {
    if (!shell.looking) return;
    const {rows: lines, alternate} = keyframes.look();
    shell.screen(shownAt, lines, alternate);
  };

  for (const [i, {time, code, data}] of events.entries()) {
    if (i % REPORT === 0) {
      signal?.throwIfAborted();
      onProgress?.(total === 0 ? 0 : done / total);
      await breath();
    }
    switch (code) {
      case 'o': {
        const ground = !sanitizer.pending;
        const text = sanitizer.push(data);
        const work = counter.output(text);
        budget.spend(work, i, time);
        if (ground && keyframes.due) keyframes.cut(before, i, text);
        // Before it changes: it was at rest, or a full-screen program ends.
        if (time - shownAt >= rest || alternateAfter(text) === false) look();
        keyframes.output(text, work);
        let from = 0;
        for (const {payload, offset} of marks) {
          shell.output(text.slice(from, offset), time);
          shell.mark(payload, time);
          from = offset;
        }
        shell.output(from === 0 ? text : text.slice(from), time);
        marks = [];
        shownAt = time;
        done += data.length;
        break;
      }
      case 'i':
        shell.input(data, time);
        break;
      case 'r': {
        const size = parseResize(data);
        if (size) {
          const work = counter.resize(size);
          budget.spend(work, i, time);
          keyframes.resize(size.cols, size.rows, work);
          shell.resize(size.cols, size.rows);
        }
        break;
      }
      case 'm':
        look();
        markers.push({time, label: plainText(data)});
        break;
      default:
    }
    before = time;
  }
  look();
  const index: ReplayIndex = {
    cols,
    rows,
    ...((room.cols > cols || room.rows > rows) && {room}),
    ...(header.sizeUnknown && {sizeUnknown: true}),
    duration,
    title: plainText(header.title ?? ''),
    commands: shell.finish(duration),
    markers,
    keyframes: keyframes.finish(),
  };
  onProgress?.(1);
  return index;
}
