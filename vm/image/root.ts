import fs from 'node:fs';
import path from 'node:path';
import type {CpioEntry} from '../cpio.ts';
import {VmError} from '../failure.ts';
import {elfNeeds} from './elf.ts';
import {folders, hostname, learner, links, setuid, triplets} from './manifest.ts';

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
    // A man page of several names is a link, perhaps into a section that is left out; here each name has the page.
    const stat = to.startsWith('usr/share/man/') ? fs.statSync(from) : fs.lstatSync(from);
    if (stat.isSymbolicLink()) {
      const target = fs.readlinkSync(from);
      // A link from one half of /usr to the other is relative to where the file lay before the merge.
      this.put({type: 'link', path: to, target: path.isAbsolute(target) ? target : mergeTarget(to, target)});
    } else {
      const mode = (stat.mode & 0o7777) | (setuid.includes(to) ? 0o4000 : 0);
      this.put({type: 'file', path: to, mode, data: fs.readFileSync(from)});
    }
  }

  /** Adds the man pages of the programs so far: those of sections 1 and 8 that have a program's name. */
  addManuals(trees: readonly string[]): void {
    const programs = new Set([...this.files.keys()].flatMap((file) => /^usr\/s?bin\/([^/]+)$/.exec(file)?.[1] ?? []));
    for (const tree of trees) {
      for (const file of walk(tree, 'usr/share/man/')) {
        const [, name = ''] = /^usr\/share\/man\/man[18]\/([^/]+)\.[18]\.gz$/.exec(file) ?? [];
        if (programs.has(name)) this.addFile(path.join(tree, file), file);
      }
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
    own('pam', 'etc/pam.d/other', 0o644);
    this.put({type: 'directory', path: `home/${learner.name}`, mode: 0o755, owner: learner.id});
    this.put({type: 'directory', path: 'share', mode: 0o755, owner: learner.id});
    const text = (to: string, data: string, mode = 0o644) => this.put({type: 'file', path: to, mode, data: Buffer.from(data)});
    const {name, id} = learner;
    text(
      'etc/passwd',
      `root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n${name}:x:${id}:${id}::/home/${name}:/bin/bash\n`,
    );
    text('etc/group', `root:x:0:\ntty:x:5:\nsudo:x:27:${name}\nnogroup:x:65534:\n${name}:x:${id}:\n`);
    // A password that nobody can type: shadow(5).
    text('etc/shadow', `root:*:::::::\nnobody:*:::::::\n${name}:*:::::::\n`, 0o600);
    text(`etc/sudoers.d/${name}`, `${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`, 0o440);
    text('etc/hostname', `${hostname}\n`);
    text('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n::1 localhost\n`);
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

/** Files and links of a folder, below a part of it where one is named (with `/` at its end), as paths relative to the folder. */
export function* walk(folder: string, below = ''): Generator<string> {
  if (!fs.existsSync(path.join(folder, below))) return;
  for (const entry of fs.readdirSync(path.join(folder, below), {withFileTypes: true})) {
    const name = below + entry.name;
    if (entry.isDirectory()) yield* walk(folder, `${name}/`);
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
