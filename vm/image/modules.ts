import fs from 'node:fs';
import path from 'node:path';
import {VmError} from '../failure.ts';
import {runGuarded} from '../guard.ts';
import {elfSection} from './elf.ts';
import {modules, withoutModules} from './manifest.ts';
import {walk, type Root} from './root.ts';

/** What a kernel module says about itself, in its `.modinfo` section: modinfo(8). */
export type Module = {
  /** Path below the folder of the kernel's modules, such as `kernel/fs/overlayfs/overlay.ko`. */
  readonly file: string;
  /** Names of the modules that must be loaded before it. */
  readonly depends: readonly string[];
  /** Names under which the kernel or a program may ask for it, such as `fs-overlay`. */
  readonly aliases: readonly string[];
};

/** Reads a module, unpacked, that lies at a path. */
export function readModule(file: string, bytes: Uint8Array): Module {
  const fields = elfSection(bytes, '.modinfo')?.toString('latin1').split('\0') ?? [];
  const values = (name: string) => fields.filter((field) => field.startsWith(`${name}=`)).map((field) => field.slice(name.length + 1));
  return {file, depends: values('depends').flatMap((names) => names.split(',').filter(Boolean)), aliases: values('alias')};
}

/** A module's name: of its file, with `_` for `-`, as the kernel spells it. */
export function moduleName(file: string): string {
  return path
    .basename(file)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_');
}

/**
 * The two files that modprobe needs, modules.dep(5) and `modules.alias`. depmod(8) would write them, but an image for
 * another architecture has a depmod that does not run here.
 */
export function moduleIndex(modules: readonly Module[]): {readonly dep: string; readonly alias: string} {
  const byName = new Map(modules.map((module) => [moduleName(module.file), module]));
  const dep = modules.map((module) => {
    // modprobe loads from the right: what a module needs stands to the right of it.
    const needed: string[] = [];
    const visit = ({depends}: Module) => {
      for (const name of depends) {
        const found = byName.get(moduleName(name));
        if (!found || needed.includes(found.file)) continue;
        visit(found);
        needed.push(found.file);
      }
    };
    visit(module);
    return `${module.file}:${needed
      .reverse()
      .map((file) => ` ${file}`)
      .join('')}\n`;
  });
  const alias = modules.flatMap(({file, aliases}) => aliases.map((name) => `alias ${name} ${moduleName(file)}\n`));
  return {dep: dep.join(''), alias: alias.join('')};
}

/** Picks modules, with all they depend on, and writes the files that modprobe reads. */
export async function addModules(root: Root, tree: string, release: string, scratch: string, signal?: AbortSignal): Promise<void> {
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

/** Reports whether a file of a module is the wanted one, or lies below the wanted folder. */
function covers(wanted: string, file: string): boolean {
  const plain = file.replace(/\.xz$/, '');
  return plain === wanted || plain.startsWith(`${wanted}/`);
}
