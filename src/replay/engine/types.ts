/** Where the engine draws: xterm.js in the page, @xterm/headless in tests. It must be made with `scrollback: 0`. */
export type Screen = {
  /** Writes sanitised output; `done` is called once when the terminal has taken it in. */
  write(data: string, done?: () => void): void;
  /** Back to the state of a new terminal of the same size. */
  reset(): void;
  resize(cols: number, rows: number): void;
};

/** Time and timers, so that tests need not wait. */
export type Clock = {
  /** Milliseconds from some fixed moment; never runs backwards. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
};

/** What a player shows of the engine. A new object whenever something changed. */
export type EngineState = {
  /** Position in the recording, in seconds from its start, whatever rate and idle limit are. */
  readonly time: number;
  /** Length of the recording, in seconds. */
  readonly duration: number;
  readonly playing: boolean;
  /** True while a seek has not reached the screen yet. */
  readonly seeking: boolean;
  /** 1 is the recorded speed. */
  readonly rate: number;
  /** Longest pause that is played, in seconds at rate 1; `Infinity` plays all pauses as they were. */
  readonly idleLimit: number;
  /** Whether playing stops at the end of each step. */
  readonly stepMode: boolean;
  /** Index into `Engine.steps` of the step that `time` lies in; -1 before the first one. */
  readonly step: number;
  readonly ended: boolean;
};
