/** `0:07`, `12:34`, `1:02:03`: whole seconds, rounded down as clocks do. */
export function formatTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A moment of a recording, as the fragment of an address: `#01-namespaces@12.5`. */
export function momentHash(name: string, seconds: number): string {
  return `#${name}@${Number(Math.max(0, seconds).toFixed(2))}`;
}

/**
 * The moment that a fragment names, in seconds, or undefined when it is none of this recording.
 *
 * @param hash fragment of an address, with its `#`
 */
export function parseMomentHash(hash: string, name: string): number | undefined {
  const prefix = `#${name}@`;
  let decoded: string;
  try {
    decoded = decodeURIComponent(hash);
  } catch {
    return undefined;
  }
  if (!decoded.startsWith(prefix)) return undefined;
  const rest = decoded.slice(prefix.length);
  return /^\d+(\.\d+)?$/.test(rest) ? Number(rest) : undefined;
}
