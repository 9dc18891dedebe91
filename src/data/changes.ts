/** A piece of a sentence: text, or code. */
export type Span = {readonly text: string} | {readonly code: string};

/** One thing that is new for readers, from `CHANGELOG.md`. */
export type Change = {
  /** What changed: `Chapter 1`, `Set-up`, `Site`. */
  readonly subject: string;
  readonly what: readonly Span[];
};

/** What changed on one day. */
export type ChangeDay = {
  /** Day, as YYYY-MM-DD. */
  readonly date: string;
  readonly changes: readonly Change[];
};
