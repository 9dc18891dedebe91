/** A command that was typed in the recorded shell. */
export type Command = {
  /** Seconds at which its output starts. */
  time: number;
  /** Seconds at which it is done. */
  end: number;
  /** Seconds at which the prompt that it was typed at appeared. */
  promptTime: number;
  /** The last line of that prompt. */
  prompt?: string;
  /** The command line as it stood when Enter was pressed. */
  text: string;
  /** What it printed, as plain text: lines that the terminal wrapped are whole, progress bars show their last state. */
  output: string;
  /** Exit status, where the recording tells it. */
  exit?: number;
  /** Screens of a full-screen program, and screens that were erased: `output` does not have them. */
  screens?: Screen[];
};

/** What a screen showed, as lines of text, from `time` on, in seconds. */
export type Screen = {time: number; text: string};

/** A marker; in our recordings its label is the caption of a step. */
export type Marker = {time: number; label: string};

/** A moment at which the whole state of the terminal is known. */
export type Keyframe = {
  time: number;
  /** Index of the first event of the cast to replay after it. */
  event: number;
  cols: number;
  rows: number;
  /** Escape sequences that restore the state in a terminal that was resized to `cols` × `rows` and then reset. */
  screen: string;
};

/** Length of a recording's file, in bytes, and a hash of them. */
export type Fingerprint = {bytes: number; hash: number};

/** All that is derived from a recording once and then used by every player of it. */
export type ReplayIndex = {
  /** The file that it was made of, where it is kept apart from that. */
  madeOf?: Fingerprint;
  cols: number;
  rows: number;
  /** The largest width and the largest height that the terminal has, where that is not its first size. */
  room?: {cols: number; rows: number};
  /** Whether the recording does not say its size: it is shown in a usual one. */
  sizeUnknown?: true;
  /** Seconds. */
  duration: number;
  title: string;
  commands: Command[];
  markers: Marker[];
  /** In order of time; the first one is the start of the recording. */
  keyframes: Keyframe[];
};

/** A part of a recording that a reader steps through: from `time` up to the `time` of the next one. */
export type Step = {
  /** Seconds at which it starts, just before it is typed. */
  time: number;
  /** Its caption, or the command where the recording has no markers. */
  label: string;
};
