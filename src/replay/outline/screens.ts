import type {Screen} from './types.ts';

/** Seconds without output after which a screen counts as at rest: long enough to be read. */
export const rest = 1;
/** Screens that are kept of one command, and of a recording. */
const MOST = 12;
const MOST_IN_ALL = 240;
/** Screens that are looked at of one command. */
const MOST_CANDIDATES = 1000;

/** Modes 47, 1047 and 1049: whether the last switch of some output is to the alternate screen; undefined without one. */
export function alternateAfter(output: string): boolean | undefined {
  let on: boolean | undefined;
  for (const [, modes = '', final] of output.matchAll(alternateModes)) {
    if (modes.split(';').some((mode) => mode === '47' || mode === '1047' || mode === '1049')) on = final === 'h';
  }
  return on;
}

const alternateModes = /\x1b\[\?([\d;]*)([hl])/g;
/** ED 2 and 3, ED 0 from the first cell on, RIS. */
const erasing = /\x1b\[[23]J|\x1b\[(?:[01]?(?:;[01]?)?)?[Hf]\x1b\[0?J|\x1bc/;

/** Whether some output empties the screen. */
export function erases(output: string): boolean {
  return erasing.test(output);
}

/**
 * Screens of a command that its output does not end up as: those of a full-screen program, and those that were erased.
 * They are noted where they could be read, at rest or at a marker.
 */
export class Screens {
  private candidates: (Screen & {alternate: boolean})[] = [];
  private kept = 0;

  /** Whether nothing more is noted of this command. */
  get full(): boolean {
    return this.candidates.length >= MOST_CANDIDATES;
  }

  note(time: number, rows: readonly string[], alternate: boolean): void {
    const text = rows.join('\n').trimEnd();
    if (text.trim() === '' || text === this.candidates.at(-1)?.text || this.full) return;
    this.candidates.push({time, text, alternate});
  }

  forget(): void {
    this.candidates = [];
  }

  /**
   * What is kept of what was noted since the last call: evenly chosen where it is too much, with the first and the last.
   *
   * @param erased whether the command emptied the screen
   * @param isKnown whether a row is text that the transcript has anyway
   */
  take(erased: boolean, isKnown: (row: string) => boolean): Screen[] {
    const all = this.candidates.filter(
      ({text, alternate}) => alternate || (erased && text.split('\n').some((row) => row.trim() !== '' && !isKnown(row.trim()))),
    );
    this.forget();
    const room = Math.min(MOST, MOST_IN_ALL - this.kept, all.length);
    const chosen = Array.from({length: room}, (_, i) => all[room === 1 ? all.length - 1 : Math.round((i * (all.length - 1)) / (room - 1))]);
    this.kept += room;
    return chosen.filter((screen) => screen !== undefined).map(({time, text}) => ({time, text}));
  }
}
