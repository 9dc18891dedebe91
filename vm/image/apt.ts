import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {cacheFolder} from '../cache.ts';
import {VmError} from '../failure.ts';
import {runGuarded} from '../guard.ts';
import {hostArchitecture} from '../qemu.ts';
import {kernelPackage, packages} from './manifest.ts';

/** One package that goes into the image, as apt would fetch it. */
export type Package = {readonly name: string; readonly version: string};

/** Which apt to ask: the system's lists, or lists of our own when those are missing or stale. */
type Lists = 'system' | 'own';

/** The packages that an image needs, and the lists in which they were found. */
export type Resolved = {packages: Package[]; lists: Lists};

/**
 * Resolves the packages of the image with apt: the newest versions and the libraries
 * they need, as for a system on which nothing is installed. Needs no root and writes nothing
 * outside the cache folder.
 */
export async function resolvePackages(arch: string, signal?: AbortSignal): Promise<Resolved> {
  const kernel = kernelPackage[arch];
  if (!kernel) throw new VmError('missing', `Debian builds no cloud kernel for ${arch}; ${Object.keys(kernelPackage).join(' and ')} work.`);
  const names = [...Object.keys(packages), kernel];
  let failure = '';
  // The system's lists name the packages of this architecture only, unless somebody has added another.
  for (const lists of arch === hostArchitecture() ? (['system', 'own'] as const) : (['own'] as const)) {
    if (lists === 'own') await updateOwnLists(arch, signal);
    const {status, stdout, stderr} = await apt(
      lists,
      arch,
      ['install', '-qq', '--print-uris', '--no-install-recommends', '-o', 'Dir::State::status=/dev/null', ...names],
      {signal},
    );
    const found = [...stdout.matchAll(/^'\S+' (\S+?)_(\S+?)_\S+\.deb /gm)].map(([, name = '', version = '']) => ({
      name,
      version: decodeURIComponent(version),
    }));
    // Programs that packages ask for in order to be installed (perl, udev …) are of no use here.
    const wanted = found.filter(({name}) => names.includes(name) || /^(lib(?!perl)|zlib1g$|linux-image-)/.test(name));
    if (status === 0 && names.every((name) => wanted.some((found) => found.name === name))) return {packages: wanted, lists};
    failure = stderr.trim();
  }
  throw new VmError(
    'missing',
    `apt does not offer every package that the machine is built from:\n${indent(failure)}\n` +
      'The image is built from Debian 12 or later; on another system build it in a Debian container or use one built elsewhere (vm/README.md).',
  );
}

/** Fetches packages into a folder, checked by apt against the signed lists. */
export async function downloadPackages(
  found: {packages: readonly Package[]; lists: Lists},
  arch: string,
  folder: string,
  options: {scratch: string; signal?: AbortSignal},
): Promise<void> {
  const wanted = found.packages.map(({name, version}) => `${name}=${version}`);
  for (const lists of found.lists === 'own' ? (['own'] as const) : (['system', 'own'] as const)) {
    if (lists !== found.lists) await updateOwnLists(arch, options.signal);
    const {status, stderr} = await apt(lists, arch, ['download', '-q', ...wanted], {...options, cwd: folder});
    if (status === 0) return;
    if (lists === 'own') throw new VmError('missing', `apt could not fetch the packages:\n${indent(stderr.trim())}`);
  }
}

/** A stamp that changes when apt's lists do, so that versions are resolved again only then. */
export function listsStamp(arch: string): string {
  const hash = createHash('sha256');
  for (const folder of ['/var/lib/apt/lists', '/etc/apt', '/etc/apt/sources.list.d', ownLists(arch)]) {
    try {
      for (const name of fs.readdirSync(folder).sort()) {
        const {mtimeMs, size} = fs.statSync(path.join(folder, name));
        if (!/^(lock|partial|auxfiles)$/.test(name)) hash.update(`${folder}/${name} ${mtimeMs} ${size}\n`);
      }
    } catch {
      hash.update(`${folder} is not there\n`);
    }
  }
  return hash.digest('hex');
}

function ownFolder(arch: string): string {
  return path.join(cacheFolder(), `apt-${arch}`);
}

function ownLists(arch: string): string {
  return path.join(ownFolder(arch), 'lists');
}

async function updateOwnLists(arch: string, signal?: AbortSignal): Promise<void> {
  fs.mkdirSync(path.join(ownLists(arch), 'partial'), {recursive: true});
  await apt('own', arch, ['update', '-q'], {signal});
}

function apt(lists: Lists, arch: string, args: readonly string[], options: {scratch?: string; cwd?: string; signal?: AbortSignal}) {
  const cache = path.join(ownFolder(arch), 'cache');
  fs.mkdirSync(path.join(cache, 'archives', 'partial'), {recursive: true});
  const common = ['-o', 'Debug::NoLocking=1', '-o', `APT::Architecture=${arch}`, '-o', 'APT::Sandbox::User=root'];
  const own = lists === 'own' ? ['-o', `Dir::State::Lists=${ownLists(arch)}`, '-o', `Dir::Cache=${cache}`] : [];
  return runGuarded('apt-get', [...common, ...own, ...args], {
    ...options,
    env: {...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive'},
  });
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
