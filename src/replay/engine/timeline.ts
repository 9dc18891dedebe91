/**
 * How a recording's own time and the time of showing it go together when long pauses are cut short.
 *
 * Between two moments at which something happens, `gap` seconds apart, showing takes `min(gap, idleLimit)` seconds, and
 * the recording's time runs evenly from the one to the other. So both times only ever grow together, a pause that is cut
 * short runs fast instead of jumping, and every position has a time of its own however the limit changes.
 */
export class Timeline {
  private readonly recorded: Float64Array;
  private readonly shown: Float64Array;

  /**
   * @param moments seconds at which something happens, ascending
   * @param duration seconds; the recording starts at 0 and ends here
   * @param idleLimit seconds; `Infinity` for none
   */
  constructor(moments: ArrayLike<number>, duration: number, idleLimit: number) {
    const recorded = new Float64Array(moments.length + 2);
    const shown = new Float64Array(moments.length + 2);
    let length = 1;
    for (let i = 0; i <= moments.length; i++) {
      const time = i < moments.length ? (moments[i] ?? 0) : duration;
      const before = recorded[length - 1] ?? 0;
      if (time <= before) continue;
      recorded[length] = time;
      shown[length] = (shown[length - 1] ?? 0) + Math.min(time - before, idleLimit);
      length++;
    }
    this.recorded = recorded.subarray(0, length);
    this.shown = shown.subarray(0, length);
  }

  /** Seconds that showing all of the recording takes at rate 1. */
  get length(): number {
    return this.shown.at(-1) ?? 0;
  }

  /** Seconds of showing until a moment of the recording is reached. */
  toShown(recorded: number): number {
    return interpolate(this.recorded, this.shown, recorded);
  }

  /** Moment of the recording that is reached after so many seconds of showing. */
  toRecorded(shown: number): number {
    return interpolate(this.shown, this.recorded, shown);
  }
}

/** The `to` that belongs to `value` in `from`; both ascend strictly and start at 0. */
function interpolate(from: Float64Array, to: Float64Array, value: number): number {
  let low = 0;
  let high = from.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((from[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  const start = to[low] ?? 0;
  const fromStart = from[low] ?? 0;
  const fromEnd = from[low + 1];
  const end = to[low + 1];
  if (fromEnd === undefined || end === undefined || value <= fromStart) return start;
  return start + ((value - fromStart) / (fromEnd - fromStart)) * (end - start);
}
