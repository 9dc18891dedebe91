import type {Fingerprint, ReplayIndex} from './types.ts';

/**
 * What tells the bytes of one recording from those of another: their number and their FNV-1a hash. It is against mistakes,
 * such as a cache that has an older file, not against anyone's will.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
 */
export function fingerprintOf(bytes: Uint8Array): Fingerprint {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return {bytes: bytes.length, hash: hash >>> 0};
}

/** Whether an index was made of these bytes. */
export function isOf(madeOf: Fingerprint | undefined, bytes: Uint8Array): boolean {
  return madeOf?.bytes === bytes.length && madeOf.hash === fingerprintOf(bytes).hash;
}

/** Whether a value that came from a file has the parts of an index. What is in them is what the build wrote there. */
export function isIndex(value: unknown): value is ReplayIndex {
  if (typeof value !== 'object' || value === null) return false;
  const {commands, markers, keyframes} = value as Partial<Record<keyof ReplayIndex, unknown>>;
  return [commands, markers, keyframes].every(Array.isArray);
}
