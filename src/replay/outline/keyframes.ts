import {HeadlessTerminal} from '../../terminal/headless.ts';
import {joinsNext, mayJoin} from '../../terminal/widths.ts';
import {cleanScreen} from './lookup.ts';
import {restoreSequence} from './restore.ts';
import {learnCharsets, readState, sameState, type TerminalState} from './state.ts';
import type {Keyframe} from './types.ts';

/** Least and most output between two keyframes, in UTF-16 code units; what is more work than text counts as that. */
const LEAST = 2 ** 16;
const MOST = 2 ** 18;
/** Keyframes of a recording, so that the index of a big one stays small. */
const COUNT = 400;
/** Keyframes may take up one part in so many of the output that they spare. */
const SHARE = 8;
/** Output after which a moment that could not be written is followed by another try. */
const RETRY = 4096;
/** The most cells of a screen for which that is enough: reading it, and writing it, is work too. */
const CELLS = 2 ** 14;
/** Output that is given to a terminal in one piece. */
const PIECE = 2 ** 17;

/** Output between two keyframes of a recording that has `total` output, in UTF-16 code units. */
export function keyframeSpacing(total: number): number {
  return Math.min(Math.max(total / COUNT, LEAST), MOST);
}

/** How many times as far apart keyframes of a screen are as those of a usual one. */
function sizeShare(cols: number, rows: number): number {
  return Math.max((cols * rows) / CELLS, 1);
}

/** Whether output that starts so depends on the character before it: it joins that, or is REP, which repeats it. */
function dependsOnCharacterBefore(text: string): boolean {
  return mayJoin(text) || /^\x1b\[\d*b/.test(text);
}

/**
 * Makes keyframes while a recording passes through, in order.
 *
 * Two terminals get the same output. At a cut the first one's state is written as a keyframe, and the second one is
 * restored from it. The keyframe is taken when the second terminal is then in the same state, and kept when it still is
 * at the next cut, after replaying all that lies between.
 */
export class KeyframeMaker {
  private readonly kept: Keyframe[];
  /** The keyframe that the second terminal was restored from. */
  private open: Keyframe | undefined;
  private work = 0;
  private tryAt: number;
  /** Output that the terminals have not taken in yet. */
  private text = '';
  /** The end of all output so far: its last character. */
  private last = '';
  private readonly played: HeadlessTerminal;
  private readonly restored: HeadlessTerminal;

  /** @param spacing output between two keyframes at least, in UTF-16 code units */
  constructor(
    cols: number,
    rows: number,
    private readonly spacing: number,
  ) {
    this.played = new HeadlessTerminal(cols, rows);
    this.restored = new HeadlessTerminal(cols, rows);
    learnCharsets(this.played);
    this.kept = [{time: 0, event: 0, cols, rows, screen: cleanScreen}];
    this.tryAt = spacing * sizeShare(cols, rows);
  }

  /** Whether enough has been written since the last keyframe for `cut` to be called. */
  get due(): boolean {
    return this.work >= this.tryAt;
  }

  /**
   * Makes a keyframe if that is possible here.
   *
   * @param time seconds at which the output so far was complete
   * @param event index of the event to come
   * @param next sanitised output of that event
   */
  cut(time: number, event: number, next: string): void {
    if (next === '' || dependsOnCharacterBefore(next) || joinsNext(this.last)) return;
    this.flush();
    const state = readState(this.played);
    this.close(state);
    const {cols, rows} = state;
    const size = sizeShare(cols, rows);
    const screen = restoreSequence(state);
    this.restored.restart(cols, rows);
    this.restored.take(screen);
    if (sameState(readState(this.restored), state)) {
      this.open = {time, event, cols, rows, screen};
      this.work = 0;
      this.tryAt = Math.max(this.spacing * size, Math.min(screen.length * SHARE, MOST));
    } else {
      this.tryAt = this.work + Math.min(RETRY, this.spacing) * size;
    }
  }

  /** @param work of that text, as a `WorkCounter` has it */
  output(text: string, work: number): void {
    this.text += text;
    this.last = (this.last + text).slice(-2);
    this.work += work;
    if (this.text.length >= PIECE) this.flush();
  }

  /** @param work of that, as a `WorkCounter` has it */
  resize(cols: number, rows: number, work: number): void {
    this.flush();
    this.played.resize(cols, rows);
    if (this.open) this.restored.resize(cols, rows);
    this.work += work;
  }

  /** The screen as it is now, as text. */
  look(): {rows: string[]; alternate: boolean} {
    this.flush();
    const {active} = this.played.buffer;
    const rows = Array.from({length: this.played.rows}, (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '');
    return {rows, alternate: active.type === 'alternate'};
  }

  finish(): Keyframe[] {
    this.flush();
    this.close(readState(this.played));
    this.played.dispose();
    this.restored.dispose();
    return this.kept;
  }

  /** Keeps the open keyframe if replaying from it has led to the state that playing has led to. */
  private close(state: TerminalState): void {
    if (this.open && sameState(readState(this.restored), state)) this.kept.push(this.open);
    this.open = undefined;
  }

  private flush(): void {
    const {text} = this;
    this.text = '';
    this.played.take(text);
    if (this.open) this.restored.take(text);
  }
}
