import path from 'node:path';
import {elfSection} from './elf.ts';

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
