import type {TakeEvent} from './session.ts';

/** Facts about a recording that go into its header. */
export type CastFacts = {
  title: string;
  cols: number;
  rows: number;
  /** Start, as Unix time in seconds. */
  timestamp: number;
  tags: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Kernel release. */
  kernel: string;
  /** Commit of the code that was recorded. */
  commit: string;
};

/** Outputs less than this apart, in milliseconds, become one event: nobody sees them apart. */
const mergeWithin = 5;

/**
 * Writes a recording as asciicast v3: a header, then one line for each event with the seconds since the one before.
 * See https://docs.asciinema.org/manual/asciicast/v3/.
 */
export function formatCast(facts: CastFacts, events: readonly TakeEvent[]): string {
  const header = {
    version: 3,
    term: {cols: facts.cols, rows: facts.rows, type: facts.env.TERM},
    timestamp: facts.timestamp,
    title: facts.title,
    tags: facts.tags,
    env: {SHELL: facts.env.SHELL},
    'x-sheep': {kernel: facts.kernel, commit: facts.commit},
  };
  let before = 0;
  const lines = mergeEvents(events).map(({time, code, data}) => {
    // Intervals are rounded so that their sum, not each of them, is right.
    const now = Math.round(time);
    const interval = (now - before) / 1000;
    before = now;
    return JSON.stringify([interval, code, data]);
  });
  return [JSON.stringify(header), ...lines, ''].join('\n');
}

/** Joins outputs that come at once. A marker is a border. */
export function mergeEvents(events: readonly TakeEvent[]): TakeEvent[] {
  const merged: TakeEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    if (last?.code === 'o' && event.code === 'o' && event.time - last.time < mergeWithin) last.data += event.data;
    else merged.push({...event});
  }
  return merged;
}
