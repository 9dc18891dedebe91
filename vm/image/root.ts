import fs from 'node:fs';
import path from 'node:path';
import type {CpioEntry} from '../cpio.ts';
import {VmError} from '../failure.ts';
import {elfNeeds} from './elf.ts';
import {folders, links, triplets} from './manifest.ts';

const guestFolder = path.join(import.meta.dirname, '..', 'guest');

/** The files of the initial root, by path. */
export class Root {
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

  /** The folders, links and scripts that come from no package. */
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

  /** Reports whether a link's target, here by its absolute path, exists; kernel file systems count as full. */
  private has(relative: string, target: string): boolean {
    const name = (target.startsWith('/') ? target : relative).replace(/^\//, '');
    return /^(dev|proc|run)\//.test(name) || this.files.has(mergeUsr(name)) || this.files.has(name);
  }
}

/** Files and links below a folder, as paths relative to it. */
export function* walk(folder: string, prefix = ''): Generator<string> {
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
