import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {cacheFolder, openScratch, writeCached} from '../cache.ts';
import {writeCpio, type CpioEntry} from '../cpio.ts';
import {VmError} from '../failure.ts';
import {runGuarded} from '../guard.ts';
import {downloadPackages, listsStamp, resolvePackages} from './apt.ts';
import {elfNeeds} from './elf.ts';
import {unpackKernel} from './kernel.ts';
import {folders, links, modules, packages, triplets, withoutModules} from './manifest.ts';
import {moduleIndex, moduleName, readModule, type Module} from './modules.ts';

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
type Description = {release: string; kernel: string; packages: string[]};

/** Which image was right when apt's lists were last looked at. */
type Current = {recipe: string; stamp: string; key: string};

const guestFolder = path.join(import.meta.dirname, '..', 'guest');

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
      'The machine has no image yet, and building one needs apt-get and dpkg-deb, which this system does not have.\n' +
        'Build it on Debian or in a Debian container and bring the folder here: vm/README.md, "Without apt".',
    );
  }

  const found = await resolvePackages(arch, signal);
  const versions = found.packages.map(({name, version}) => `${name}=${version}`).sort();
  const key = `${recipe}-${createHash('sha256').update(versions.join('\n')).digest('hex').slice(0, 16)}`;
  const image = openImage(key) ?? (await build(key, found, arch, versions, say, signal));
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

export function hasApt(): boolean {
  return fs.existsSync('/usr/bin/apt-get') && fs.existsSync('/usr/bin/dpkg-deb');
}

/** Hash of the sources that decide what is in an image, other than the packages' versions. */
function recipeHash(arch: string): string {
  const hash = createHash('sha256').update(`${arch}\n`);
  for (const folder of [import.meta.dirname, guestFolder]) {
    for (const name of fs.readdirSync(folder).sort()) {
      if (!name.endsWith('.test.ts')) hash.update(`${name}\n`).update(fs.readFileSync(path.join(folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function stampFile(arch: string): string {
  return path.join(cacheFolder(), `current-${arch}.json`);
}

function imageFolder(key: string): string {
  return path.join(cacheFolder(), `image-${key}`);
}

function openImage(key: string): Image | undefined {
  const folder = imageFolder(key);
  const description = readJson(path.join(folder, 'image.json')) as Description | undefined;
  if (!description) return undefined;
  return {kernel: path.join(folder, description.kernel), initrd: path.join(folder, 'initrd'), release: description.release, key};
}

/** An image brought here from elsewhere: any built from this recipe will do. */
function newestImage(recipe: string): Image | undefined {
  if (!fs.existsSync(cacheFolder())) return undefined;
  const keys = fs.readdirSync(cacheFolder()).flatMap((name) => (name.startsWith(`image-${recipe}-`) ? [name.slice('image-'.length)] : []));
  return keys.map(openImage).find((image) => image !== undefined);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function build(
  key: string,
  found: Awaited<ReturnType<typeof resolvePackages>>,
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
    root.addLibraries(
      fs
        .readdirSync(tree)
        .filter((name) => !name.startsWith('linux-image-'))
        .map((name) => path.join(tree, name)),
    );
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

/** The files of the initial root, by path. */
class Root {
  private readonly files = new Map<string, CpioEntry>();

  private put(entry: CpioEntry): void {
    const parts = entry.path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      if (!this.files.has(folder)) this.files.set(folder, {type: 'directory', path: folder, mode: folders[folder] ?? 0o755});
    }
    this.files.set(entry.path, entry);
  }

  /** Takes the files of an unpacked package that match one of the patterns. */
  add(tree: string, patterns: readonly string[]): void {
    const files = [...walk(tree)];
    for (const pattern of patterns) {
      const matcher = new RegExp(`^(${pattern.replace(/[.+]/g, '\\$&').replaceAll('*', '[^/]*')})$`);
      const matching = files.filter((file) => matcher.test(mergeUsr(file)));
      if (matching.length === 0)
        throw new VmError('missing', `The package ${path.basename(tree)} has no ${pattern} (vm/image/manifest.ts).`);
      for (const file of matching) this.addFile(path.join(tree, file), mergeUsr(file));
    }
  }

  addFile(from: string, to: string): void {
    const stat = fs.lstatSync(from);
    if (stat.isSymbolicLink()) {
      const target = fs.readlinkSync(from);
      // A link from one half of /usr to the other is relative to where the file lay before the merge.
      this.put({type: 'link', path: to, target: path.isAbsolute(target) ? target : mergeTarget(to, target)});
    } else {
      this.put({type: 'file', path: to, mode: stat.mode & 0o7777, data: fs.readFileSync(from)});
    }
  }

  /** Adds every shared library that the programs so far, and those libraries, ask for. */
  addLibraries(trees: readonly string[]): void {
    const available = new Map<string, string>();
    for (const tree of trees) {
      for (const file of walk(tree)) if (/\.so(\.|$)/.test(file)) available.set(path.basename(file), path.join(tree, file));
    }
    const pending = [...this.files.values()];
    for (let entry = pending.pop(); entry; entry = pending.pop()) {
      if (entry.type !== 'file') continue;
      const needs = elfNeeds(entry.data);
      if (!needs) continue;
      for (const wanted of [...needs.needed, ...(needs.interpreter ? [path.basename(needs.interpreter)] : [])]) {
        const source = available.get(wanted);
        if (!source)
          throw new VmError('missing', `${entry.path} needs ${wanted}, which no package of the image has (vm/image/manifest.ts).`);
        const at =
          needs.interpreter && path.basename(needs.interpreter) === wanted ? mergeUsr(needs.interpreter.slice(1)) : `usr/lib/${wanted}`;
        if (this.files.has(at)) continue;
        const library: CpioEntry = {type: 'file', path: at, mode: 0o755, data: fs.readFileSync(fs.realpathSync(source))};
        this.put(library);
        pending.push(library);
      }
    }
  }

  /** The folders, links and scripts that are ours. */
  addOwn(): void {
    for (const [folder, mode] of Object.entries(folders)) this.put({type: 'directory', path: folder, mode});
    for (const name of ['bin', 'sbin', 'lib', 'lib64'])
      this.put({type: 'link', path: name, target: name === 'lib64' ? 'usr/lib' : `usr/${name}`});
    // Programs that look in the folder of their architecture find the one that there is.
    for (const triplet of Object.values(triplets)) this.put({type: 'link', path: `usr/lib/${triplet}`, target: '.'});
    for (const [name, target] of Object.entries(links)) this.put({type: 'link', path: name, target});
    const own = (file: string, to: string, mode: number) =>
      this.put({type: 'file', path: to, mode, data: fs.readFileSync(path.join(guestFolder, file))});
    own('init', 'init', 0o755);
    own('agent', 'usr/lib/vm/agent', 0o755);
    own('inittab', 'etc/inittab', 0o644);
    own('profile', 'etc/profile', 0o644);
    const text = (to: string, data: string) => this.put({type: 'file', path: to, mode: 0o644, data: Buffer.from(data)});
    text('etc/passwd', 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n');
    text('etc/group', 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n');
    text('etc/hostname', 'sheep\n');
    text('etc/hosts', '127.0.0.1 localhost\n127.0.1.1 sheep\n::1 localhost\n');
  }

  /** In an order in which every folder comes before what it holds. Throws when a link leads nowhere. */
  entries(): CpioEntry[] {
    for (const entry of this.files.values()) {
      if (entry.type === 'link' && !this.has(path.posix.join('/', path.posix.dirname(entry.path), entry.target), entry.target)) {
        throw new VmError('missing', `${entry.path} links to ${entry.target}, which is not in the image (vm/image/manifest.ts).`);
      }
    }
    return [...this.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Whether a link's target, here by its absolute path, exists; kernel file systems count as full. */
  private has(relative: string, target: string): boolean {
    const name = (target.startsWith('/') ? target : relative).replace(/^\//, '');
    return /^(dev|proc|run)\//.test(name) || this.files.has(mergeUsr(name)) || this.files.has(name);
  }
}

/** Picks modules, with all they depend on, and writes the files modprobe reads. */
async function addModules(root: Root, tree: string, release: string, scratch: string, signal?: AbortSignal): Promise<void> {
  const below = fs.existsSync(path.join(tree, 'usr/lib/modules')) ? 'usr/lib/modules' : 'lib/modules';
  const from = path.join(tree, below, release);
  const available = new Map<string, string>();
  for (const file of walk(path.join(from, 'kernel'))) {
    if (/\.ko(\.xz)?$/.test(file)) available.set(moduleName(file), file);
  }
  const pending = [...available.values()].filter(
    (file) => modules.some((wanted) => covers(wanted, file)) && !withoutModules.some((without) => covers(without, file)),
  );
  const taken = new Map<string, Module>();
  const target = path.join(scratch, 'lib/modules', release);
  for (let file = pending.pop(); file; file = pending.pop()) {
    if (taken.has(file)) continue;
    const copy = path.join(target, 'kernel', file);
    fs.mkdirSync(path.dirname(copy), {recursive: true});
    fs.copyFileSync(path.join(from, 'kernel', file), copy);
    if (copy.endsWith('.xz')) {
      const {status, stderr} = await runGuarded('xz', ['-d', copy], {signal});
      if (status !== 0) throw new VmError('missing', `xz could not unpack a kernel module: ${stderr.trim()}`);
    }
    const plain = file.replace(/\.xz$/, '');
    const module = readModule(path.join('kernel', plain), fs.readFileSync(path.join(target, 'kernel', plain)));
    taken.set(file, module);
    for (const name of module.depends) {
      const dependency = available.get(moduleName(name));
      if (!dependency) throw new VmError('missing', `The kernel module ${file} needs ${name}, which its package does not have.`);
      pending.push(dependency);
    }
  }
  for (const name of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    const file = path.join(from, name);
    if (fs.existsSync(file)) fs.copyFileSync(file, path.join(target, name));
  }
  const {dep, alias} = moduleIndex([...taken.values()]);
  fs.writeFileSync(path.join(target, 'modules.dep'), dep);
  fs.writeFileSync(path.join(target, 'modules.alias'), alias);
  for (const file of walk(target)) root.addFile(path.join(target, file), `usr/lib/modules/${release}/${file}`);
}

function covers(wanted: string, file: string): boolean {
  const plain = file.replace(/\.xz$/, '');
  return plain === wanted || plain.startsWith(`${wanted}/`);
}

/** Files and links below a folder, as paths relative to it. */
function* walk(folder: string, prefix = ''): Generator<string> {
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, {withFileTypes: true})) {
    const name = prefix + entry.name;
    if (entry.isDirectory()) yield* walk(path.join(folder, entry.name), `${name}/`);
    else yield name;
  }
}

/** Debian's merged /usr: /bin, /sbin and /lib are links into it. The machine has one folder for libraries. */
function mergeUsr(file: string): string {
  return file
    .replace(/^lib64\//, 'usr/lib/')
    .replace(/^(bin|sbin|lib)\//, 'usr/$1/')
    .replace(/^usr\/lib\/[a-z0-9_]+-linux-gnu\//, 'usr/lib/');
}

function mergeTarget(to: string, target: string): string {
  const absolute = path.posix.join('/', path.posix.dirname(to), target);
  return path.posix.relative(path.posix.dirname(`/${to}`), `/${mergeUsr(absolute.slice(1))}`);
}
