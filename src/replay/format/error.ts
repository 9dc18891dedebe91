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
