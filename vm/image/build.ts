import fs from 'node:fs';
import path from 'node:path';
import {cacheFolder, openScratch} from '../cache.ts';
import {writeCpio} from '../cpio.ts';
import {VmError} from '../failure.ts';
import {runGuarded} from '../guard.ts';
import {downloadPackages, type Resolved} from './apt.ts';
import {imageFolder, openImage, type Description, type Image} from './image.ts';
import {unpackKernel} from './kernel.ts';
import {packages} from './manifest.ts';
import {addModules} from './modules.ts';
import {Root} from './root.ts';

/**
 * Builds an image and puts it into the cache under its key.
 *
 * @param versions what `found` has, each as `name=version`
 * @throws VmError when a package, or something of one, is missing
 */
export async function buildImage(
  key: string,
  found: Resolved,
  arch: string,
  versions: string[],
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Image> {
  const work = openScratch();
  const scratch = work.folder;
  try {
    const debs = path.join(scratch, 'debs');
    const tree = path.join(scratch, 'tree');
    const result = path.join(scratch, 'image');
    for (const folder of [debs, tree, result]) fs.mkdirSync(folder);

    say(`fetching ${found.packages.length} Debian packages (once; kept in ${cacheFolder()})`);
    await downloadPackages(found, arch, debs, {scratch, signal});
    say('building the root filesystem');
    for (const deb of fs.readdirSync(debs).sort()) {
      const {status, stderr} = await runGuarded('dpkg-deb', ['-x', path.join(debs, deb), path.join(tree, deb.split('_')[0] ?? deb)], {
        scratch,
        signal,
      });
      if (status !== 0) throw new VmError('missing', `dpkg-deb could not unpack ${deb}: ${stderr.trim()}`);
    }

    const kernelTree = fs.readdirSync(tree).find((name) => /^linux-image-\d/.test(name));
    if (!kernelTree) throw new VmError('missing', 'No kernel among the packages.');
    const bootFolder = path.join(tree, kernelTree, 'boot');
    const vmlinuz = fs.readdirSync(bootFolder).find((name) => name.startsWith('vmlinuz-'));
    if (!vmlinuz) throw new VmError('missing', `${kernelTree} holds no kernel.`);
    const release = vmlinuz.slice('vmlinuz-'.length);
    const packed = fs.readFileSync(path.join(bootFolder, vmlinuz));
    const unpacked = unpackKernel(packed);
    const kernel = unpacked ? 'vmlinux' : 'vmlinuz';
    fs.writeFileSync(path.join(result, kernel), unpacked ?? packed);

    const root = new Root();
    for (const [name, patterns] of Object.entries(packages)) root.add(path.join(tree, name), patterns);
    const trees = fs
      .readdirSync(tree)
      .filter((name) => !name.startsWith('linux-image-'))
      .map((name) => path.join(tree, name));
    root.addManuals(trees);
    root.addLibraries(trees);
    await addModules(root, path.join(tree, kernelTree), release, path.join(scratch, 'modules'), signal);
    root.addOwn();
    const out = fs.openSync(path.join(result, 'initrd'), 'w');
    for (const chunk of writeCpio(root.entries())) fs.writeSync(out, chunk);
    fs.closeSync(out);

    const description: Description = {release, kernel, packages: versions};
    fs.writeFileSync(path.join(result, 'image.json'), `${JSON.stringify(description, null, 2)}\n`);
    try {
      fs.renameSync(result, imageFolder(key));
    } catch (error) {
      // Another run was faster; its image is as good as ours.
      if (!openImage(key)) throw error;
    }
    removeOldImages(key);
    const image = openImage(key);
    if (!image) throw new VmError('missing', `The image in ${imageFolder(key)} cannot be read; remove that folder and try again.`);
    return image;
  } finally {
    work.close();
  }
}

/** Keeps the three newest images; a machine that is using an older one has its files open. */
function removeOldImages(key: string): void {
  const old = fs
    .readdirSync(cacheFolder())
    .filter((name) => name.startsWith('image-') && name !== `image-${key}`)
    .map((name) => ({name, time: fs.statSync(path.join(cacheFolder(), name)).mtimeMs}))
    .sort((a, b) => b.time - a.time);
  for (const {name} of old.slice(2)) fs.rmSync(path.join(cacheFolder(), name), {recursive: true, force: true});
}
