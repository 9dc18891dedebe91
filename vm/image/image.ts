import fs from 'node:fs';
import path from 'node:path';
import {cacheFolder} from '../cache.ts';

/** A kernel and an initial root, ready to boot. */
export type Image = {
  readonly kernel: string;
  readonly initrd: string;
  /** What `uname -r` says inside. */
  readonly release: string;
  /** Hash of everything that went in. */
  readonly key: string;
};

/** What an image's folder says about itself. */
export type Description = {release: string; kernel: string; packages: string[]};

/** The folder of the cache that holds the image of a key. */
export function imageFolder(key: string): string {
  return path.join(cacheFolder(), `image-${key}`);
}

/** The image of a key, if the cache has it. */
export function openImage(key: string): Image | undefined {
  const folder = imageFolder(key);
  const description = readJson(path.join(folder, 'image.json')) as Description | undefined;
  if (!description) return undefined;
  return {kernel: path.join(folder, description.kernel), initrd: path.join(folder, 'initrd'), release: description.release, key};
}

/** A file of JSON; undefined when it is missing or cannot be read. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
