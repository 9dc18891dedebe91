import type {Cast, CastEvent, CastHeader} from '../format/index.ts';

/**
 * A recording in a form that a worker hands to the page without copying: a big one has half a million events, and
 * cloning as many objects would hold the page up for longer than parsing them.
 */
export type PackedCast = {
  header: CastHeader;
  duration: number;
  /** Seconds, one per event. */
  times: Float64Array<ArrayBuffer>;
  /** UTF-16 code unit of each event's code. */
  codes: Uint8Array<ArrayBuffer>;
  /** Where the data of each event starts in `text`, and its end in the last place. */
  offsets: Uint32Array<ArrayBuffer>;
  /** The data of all events, as UTF-8. */
  text: Uint8Array<ArrayBuffer>;
};

/**
 * @returns undefined when an event has half of a surrogate pair, which UTF-8 cannot hold: such a recording has to be
 * cloned
 */
export function packCast(cast: Cast): PackedCast | undefined {
  const {events, header, duration} = cast;
  let units = 0;
  for (const event of events) units += event.data.length;
  // A UTF-16 code unit takes at most three bytes of UTF-8. Most take one: start there, grow when it does not do.
  let text = new Uint8Array(Math.ceil(units * 1.25) + 64);
  const times = new Float64Array(events.length);
  const codes = new Uint8Array(events.length);
  const offsets = new Uint32Array(events.length + 1);
  const encoder = new TextEncoder();
  let end = 0;
  for (const [i, event] of events.entries()) {
    // The first test is quick and fails for almost all text.
    if (/[\ud800-\udfff]/.test(event.data) && /\p{Surrogate}/u.test(event.data)) return undefined;
    times[i] = event.time;
    codes[i] = event.code.charCodeAt(0);
    offsets[i] = end;
    const most = end + event.data.length * 3;
    if (most > text.length) {
      const bigger = new Uint8Array(Math.max(most, Math.ceil(text.length * 1.5)));
      bigger.set(text);
      text = bigger;
    }
    end += encoder.encodeInto(event.data, text.subarray(end)).written;
  }
  offsets[events.length] = end;
  return {header, duration, times, codes, offsets, text: text.slice(0, end)};
}

/** What `postMessage` may transfer instead of copying. */
export function transferables(packed: PackedCast): ArrayBuffer[] {
  return [packed.times.buffer, packed.codes.buffer, packed.offsets.buffer, packed.text.buffer];
}

/** An event whose data is decoded when it is read. */
class PackedEvent implements CastEvent {
  constructor(
    private readonly from: PackedCast,
    private readonly i: number,
  ) {}

  get time(): number {
    return this.from.times[this.i] ?? 0;
  }

  get code(): CastEvent['code'] {
    return String.fromCharCode(this.from.codes[this.i] ?? 0) as CastEvent['code'];
  }

  get data(): string {
    return decoder.decode(this.from.text.subarray(this.from.offsets[this.i], this.from.offsets[this.i + 1]));
  }
}

// Data may start with U+FEFF, which is not a byte order mark there.
const decoder = new TextDecoder('utf-8', {ignoreBOM: true});

export function unpackCast(packed: PackedCast): Cast {
  const events = Array.from({length: packed.times.length}, (_, i) => new PackedEvent(packed, i));
  return {header: packed.header, duration: packed.duration, events};
}
