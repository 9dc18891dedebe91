/** A source of numbers from 0 up to 1. */
export type Random = () => number;

/** One press of a key: what it sends, and the milliseconds that pass before it. */
export type Keystroke = {key: string; delay: number};

/** Median time between two keys, in milliseconds: an able typist's. */
const median = 85;
/** Spread of the logarithm of that time: 95 % of the delays lie within a factor of two. */
const spread = 0.35;
/** No hand is faster or, within a word, slower than this, in milliseconds. */
const least = 25;
const most = 400;

/** Seeded numbers (mulberry32): the same name gives the same numbers everywhere. */
export function randomFrom(name: string): Random {
  // FNV-1a makes a number of the name.
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(name)) state = Math.imul(state ^ byte, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * How a person types a text: log-normal delays, longer where the hand has to reach for a sign, or for Shift and a letter.
 *
 * @returns one keystroke for each character of the text
 */
export function keystrokes(text: string, random: Random): Keystroke[] {
  return Array.from(text, (key) => {
    const delay = median * effort(key) * Math.exp(spread * normal(random));
    return {key, delay: Math.min(most, Math.max(least, delay))};
  });
}

/** How much longer than a letter a key takes to find. */
function effort(key: string): number {
  if (/[a-z ]/.test(key)) return 1;
  if (/[A-Z0-9.,/\r-]/.test(key)) return 1.3;
  return 1.7;
}

/** A normally distributed number, mean 0, deviation 1 (Box–Muller). */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

/**
 * Seconds to rest before a step: a moment to start, more when there is much to read.
 *
 * @param lines number of lines that the step before printed
 */
export function restFor(lines: number, random: Random): number {
  return Math.min(2.5, 0.5 + 0.1 * lines) * (0.85 + 0.3 * random());
}
