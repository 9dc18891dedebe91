/** One event of a recording. */
export type CastEvent = {
  /** Seconds from the start of the recording; never less than the event before. */
  readonly time: number;
  /** `o` output, `i` input, `m` marker, `r` resize (`COLSxROWS`), `x` exit status. */
  readonly code: 'o' | 'i' | 'm' | 'r' | 'x';
  readonly data: string;
};

/** What the header of a recording says, in the same shape for every version of the format. */
export type CastHeader = {
  version: 1 | 2 | 3;
  /** Width of the terminal in cells. */
  cols: number;
  /** Height of the terminal in cells. */
  rows: number;
  /** Whether the recording does not say its size, and `cols` and `rows` are the usual ones where it says none. */
  sizeUnknown?: true;
  title?: string;
  /** Unix time of the recording's start, in seconds. */
  timestamp?: number;
  /** Longest pause that a player should show, in seconds. */
  idleTimeLimit?: number;
  command?: string;
  tags?: readonly string[];
};

/** A parsed recording. */
export type Cast = {
  header: CastHeader;
  events: readonly CastEvent[];
  /** Seconds from the start to the last event. */
  duration: number;
};

/** Bounds on what the parser takes in. What is beyond them is refused with a `CastError`. */
export type CastLimits = {
  /** Size of the file, in bytes of UTF-8. */
  bytes: number;
  /** Number of events. */
  events: number;
  /** Width of the terminal, in cells. */
  cols: number;
  /** Height of the terminal, in cells. */
  rows: number;
  /** Length of a line (version 1: of an event's data), in UTF-16 code units. */
  line: number;
  /** Length of the header, in UTF-16 code units. */
  header: number;
  /** Length of the recording, in seconds. */
  duration: number;
};
