import {useMemo, useSyncExternalStore} from 'react';

/**
 * What the site remembers for a reader, in their own browser: small JSON values in `localStorage`. Where storage is
 * refused (private windows, blocked site data, a full quota) the value lives as long as the page does.
 */

/** Reports whether a stored value still has the expected shape: it may be from an older version of the page. */
export type Guard<T> = (value: unknown) => value is T;

const PREFIX = 'ss:';
/** Values that storage refused. */
const fallback = new Map<string, string>();
const listeners = new Set<() => void>();

function readRaw(key: string): string | null {
  const kept = fallback.get(key);
  if (kept !== undefined) return kept;
  try {
    return window.localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

function parse<T>(raw: string | null, guard: Guard<T>): T | null {
  if (raw === null) return null;
  try {
    const value: unknown = JSON.parse(raw);
    return guard(value) ? value : null;
  } catch {
    return null;
  }
}

/** The remembered value, or null when there is none or it does not pass the guard. */
export function recall<T>(key: string, guard: Guard<T>): T | null {
  return parse(readRaw(key), guard);
}

/** Remembers a JSON value under the key; null forgets it. */
export function remember(key: string, value: unknown): void {
  fallback.delete(key);
  try {
    if (value === null) window.localStorage.removeItem(PREFIX + key);
    else window.localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    if (value !== null) fallback.set(key, JSON.stringify(value));
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Another tab of the same site changed something.
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

/** The remembered value, kept current; null on the server and while the page hydrates. */
export function useRemembered<T>(key: string, guard: Guard<T>): T | null {
  const raw = useSyncExternalStore(
    subscribe,
    () => readRaw(key),
    () => null,
  );
  return useMemo(() => parse(raw, guard), [raw, guard]);
}
