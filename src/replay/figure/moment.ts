/** A moment of a recording, as the fragment of an address: `#01-namespaces@12.5`. */
export function momentHash(name: string, seconds: number): string {
  return `#${name}@${Number(Math.max(0, seconds).toFixed(2))}`;
}

/**
 * The moment that a fragment names, in seconds, or undefined when it does not name one of this recording.
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
