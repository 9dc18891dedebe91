/** What is wrong with a recording, and where. The only error that `parseCast` throws. */
export class CastError extends Error {
  override readonly name = 'CastError';

  /**
   * @param source name of the file
   * @param line line of the file, counted from 1
   * @param field what of that line: `header.width`, `event.time`, `file`, …
   * @param expected what should have been there
   * @param found what was there instead
   */
  constructor(
    readonly source: string,
    readonly line: number,
    readonly field: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${source}:${line}: ${field}: expected ${expected}, found ${found}`);
  }
}

/** A recording that would take a terminal too long for its length, and from where on. */
export class CastWorkError extends Error {
  override readonly name = 'CastWorkError';

  /**
   * @param event index of the event at which it is too much
   * @param time when that event happens, in seconds
   */
  constructor(
    readonly event: number,
    readonly time: number,
  ) {
    super(
      `event ${event + 1}, at ${time} s: expected no more work for a terminal than the recording's length accounts for, found resets, ` +
        'cleared screens, inserted lines or changes of size again and again; cut them out, or record in a smaller terminal',
    );
  }
}
