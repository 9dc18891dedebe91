import os from 'node:os';
import path from 'node:path';

/** The project's folder in `$XDG_CACHE_HOME` or the platform's own place for caches. All that the project keeps is in it. */
export function projectCache(): string {
  const base =
    process.env.XDG_CACHE_HOME ??
    (process.platform === 'win32'
      ? (process.env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? path.join(os.homedir(), 'Library', 'Caches')
        : path.join(os.homedir(), '.cache'));
  return path.join(base, 'sheep-and-shepherd');
}

/**
 * Folder of {@link projectCache} for what is expensive to make and safe to lose. Nothing depends on it: an empty or
 * read-only one costs time, not results.
 */
export function cacheFolder(name: string): string {
  return path.join(projectCache(), name);
}
