import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {cacheFolder, writeCached} from '../cache.ts';
import {VmError} from '../failure.ts';
import {listsStamp, resolvePackages} from './apt.ts';
import {buildImage} from './build.ts';
import {openImage, readJson, type Image} from './image.ts';

/** Which image was right when apt's lists were last looked at. */
type Current = {recipe: string; stamp: string; key: string};

/**
 * Finds the image for an architecture (Debian's name for it), building it when the
 * cache has none for these packages, this init and this way of building.
 *
 * @param say told, one line each, what takes time.
 */
export async function findImage(arch: string, say: (line: string) => void, signal?: AbortSignal): Promise<Image> {
  const recipe = recipeHash(arch);
  const current = readJson(stampFile(arch)) as Current | undefined;
  const stamp = listsStamp(arch);
  if (current?.recipe === recipe && current.stamp === stamp) {
    const image = openImage(current.key);
    if (image) return image;
  }
  if (!hasApt()) {
    const image = newestImage(recipe);
    if (image) return image;
    throw new VmError(
      'missing',
      'The machine has no image yet, and building one needs apt-get and dpkg-deb, which this system does not have',
      'a build on Debian or in a Debian container, whose folder you bring here: vm/README.md, "Without apt"',
    );
  }

  const found = await resolvePackages(arch, signal);
  const versions = found.packages.map(({name, version}) => `${name}=${version}`).sort();
  const key = `${recipe}-${createHash('sha256').update(versions.join('\n')).digest('hex').slice(0, 16)}`;
  const image = openImage(key) ?? (await buildImage(key, found, arch, versions, say, signal));
  // apt's lists may have been fetched on the way: take the stamp again.
  writeCached(stampFile(arch), JSON.stringify({recipe, stamp: listsStamp(arch), key}));
  return image;
}

/** The image that would be used now, if it is there; nothing is fetched or built. */
export function cachedImage(arch: string): Image | undefined {
  const recipe = recipeHash(arch);
  const current = readJson(stampFile(arch)) as Current | undefined;
  return current?.recipe === recipe ? openImage(current.key) : newestImage(recipe);
}

/** Reports whether an image can be built here. */
export function hasApt(): boolean {
  return fs.existsSync('/usr/bin/apt-get') && fs.existsSync('/usr/bin/dpkg-deb');
}

/** Files of vm/image that find and keep images, and make nothing of them. */
const keepers = ['find.ts', 'image.ts'];

/** Sources that decide what is in an image, other than the packages' versions; absolute paths, sorted. */
export function recipeFiles(): string[] {
  const vm = path.join(import.meta.dirname, '..');
  const below = (folder: string) => fs.readdirSync(path.join(vm, folder)).map((name) => path.join(vm, folder, name));
  const making = below('image').filter((file) => !file.endsWith('.test.ts') && !keepers.includes(path.basename(file)));
  return [...making, ...below('guest'), path.join(vm, 'cpio.ts')].sort();
}

/** Hash of {@link recipeFiles}. */
function recipeHash(arch: string): string {
  const hash = createHash('sha256').update(`${arch}\n`);
  for (const file of recipeFiles()) hash.update(`${path.basename(file)}\n`).update(fs.readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function stampFile(arch: string): string {
  return path.join(cacheFolder(), `current-${arch}.json`);
}

/** An image brought here from elsewhere: any built from this recipe will do. */
function newestImage(recipe: string): Image | undefined {
  if (!fs.existsSync(cacheFolder())) return undefined;
  const keys = fs.readdirSync(cacheFolder()).flatMap((name) => (name.startsWith(`image-${recipe}-`) ? [name.slice('image-'.length)] : []));
  return keys.map(openImage).find((image) => image !== undefined);
}
