import leven from 'leven';

/** Reports whether two words of one length differ in two neighbouring letters that have changed places. */
function isTransposition(a: string, b: string): boolean {
  let first = 0;
  while (first < a.length && a[first] === b[first]) first++;
  return (
    a.slice(0, first) +
      a
        .slice(first, first + 2)
        .split('')
        .reverse()
        .join('') +
      a.slice(first + 2) ===
    b
  );
}

/** Slips of the finger that a word of this many letters may have and still be known for what it was to be. */
function tolerance(length: number): number {
  if (length < 4) return 0;
  return length < 8 ? 1 : 2;
}

/**
 * The known words that a misspelt one is nearest to; all that are equally near. None when none is near enough. A letter too
 * many, too few, or wrong is one slip, and so are two that have changed places. The first letter is seldom wrong.
 */
export function nearestWords(word: string, known: Iterable<string>): string[] {
  let best = tolerance(word.length);
  if (best === 0 || /\d/.test(word)) return [];
  let nearest: string[] = [];
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > best || candidate.length < 3) continue;
    const slips = isTransposition(word, candidate) ? 1 : leven(word, candidate);
    const cost = slips + (candidate.startsWith(word.charAt(0)) ? 0 : 0.5);
    if (cost > best) continue;
    if (cost < best) nearest = [];
    best = cost;
    nearest.push(candidate);
  }
  return nearest;
}

/** A word as the two that it is made of, such as `file system` for `filesystem`; undefined when they are never side by side. */
export function splitWord(word: string, isPair: (pair: string) => boolean): string | undefined {
  for (let at = 2; at <= word.length - 2; at++) {
    const pair = `${word.slice(0, at)} ${word.slice(at)}`;
    if (isPair(pair)) return pair;
  }
  return undefined;
}
