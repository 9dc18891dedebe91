import type {Cast, CastEvent} from '../format/index.ts';
import type {Command, ReplayIndex} from '../outline/index.ts';

/** Speeds that a reader can choose, 1 being the recorded one. */
export const rates: readonly number[] = [0.5, 0.75, 1, 1.5, 2, 3, 4];

/** Longest pauses that a reader can choose, in seconds. */
export const idleLimits: readonly number[] = [0.5, 1, 2, 5, Infinity];

/** The next speed up (`by` 1) or down (-1) from `rate`; the same one at the end of the list. */
export function nextRate(rate: number, by: 1 | -1): number {
  const candidates = by > 0 ? rates.filter((other) => other > rate) : rates.filter((other) => other < rate).reverse();
  return candidates[0] ?? rate;
}

/** The idle limits to offer: ours, and the one that is set when it is another (a recording may bring its own). */
export function idleChoices(current: number): number[] {
  return [...new Set([...idleLimits, current])].sort((a, b) => a - b);
}

/** The command that was being typed or was running at a moment, in seconds; undefined before the first prompt. */
export function commandAt(index: Pick<ReplayIndex, 'commands'>, time: number): Command | undefined {
  return index.commands.findLast((command) => command.promptTime <= time);
}

/** Index of the first event later than `time`, in seconds; the number of events when there is none. */
export function firstAfter(events: Cast['events'], time: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.time ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The moment of the next (`by` 1) or previous (-1) change of the screen, in seconds. Output that came at the same moment
 * is one frame.
 */
export function frameTime({events, duration}: Pick<Cast, 'events' | 'duration'>, time: number, by: 1 | -1): number {
  const start = firstAfter(events, time);
  if (by > 0) {
    for (let i = start; i < events.length; i++) {
      const event = events[i];
      if (event && isFrame(event)) return event.time;
    }
    return duration;
  }
  for (let i = start - 1; i >= 0; i--) {
    const event = events[i];
    if (event && isFrame(event) && event.time < time) return event.time;
  }
  return 0;
}

function isFrame({code}: CastEvent): boolean {
  return code === 'o' || code === 'r';
}
