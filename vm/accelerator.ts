import {createHash} from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {cacheFolder, writeCached} from './cache.ts';
import type {Image} from './image/image.ts';
import {Machine} from './machine.ts';
import {hostArchitecture, type Accelerator} from './qemu.ts';

/** How long a machine may take to start when the processor carries it; it takes about one second. */
const PROBE_LIMIT = 6000;

/**
 * The fastest accelerator that really works. That /dev/kvm is there proves nothing (nested and
 * paravirtual hosts have one that hangs), so a machine is started on it once, with a time
 * limit; the result is kept until QEMU, this kernel or the image changes.
 */
export async function chooseAccelerator(qemu: string, arch: string, image: Image, say: (line: string) => void): Promise<Accelerator> {
  const candidate = candidateAccelerator(arch);
  if (!candidate) return 'tcg';
  const known = triedAccelerator(qemu, arch, image);
  if (known) return known;
  say(`trying whether ${candidate} works here (once, at most ${PROBE_LIMIT / 1000} s)`);
  let works = false;
  try {
    const machine = await Machine.start({qemu, arch, image, accelerator: candidate, memory: 256, bootLimit: PROBE_LIMIT});
    works = true;
    await machine.off();
  } catch {
    // It does not.
  }
  writeCached(resultFile(), JSON.stringify({key: trialKey(candidate, qemu, arch, image), works}));
  return works ? candidate : 'tcg';
}

/** The outcome of an earlier trial; undefined when there was none for what is installed now. */
export function triedAccelerator(qemu: string, arch: string, image: Image): Accelerator | undefined {
  const candidate = candidateAccelerator(arch);
  if (!candidate) return 'tcg';
  try {
    const known = JSON.parse(fs.readFileSync(resultFile(), 'utf8')) as {key: string; works: boolean};
    if (known.key === trialKey(candidate, qemu, arch, image)) return known.works ? candidate : 'tcg';
  } catch {
    // Not tried yet.
  }
  return undefined;
}

function resultFile(): string {
  return path.join(cacheFolder(), 'accelerator.json');
}

function trialKey(candidate: Accelerator, qemu: string, arch: string, image: Image): string {
  const {mtimeMs, size} = fs.statSync(qemu);
  const parts = [candidate, arch, qemu, mtimeMs, size, os.release(), image.release];
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/** What this system might offer for an architecture, at a glance: its processor carries out its own instructions only. */
export function candidateAccelerator(arch: string): Accelerator | undefined {
  if (arch !== hostArchitecture()) return undefined;
  if (process.platform === 'darwin') return 'hvf';
  try {
    fs.accessSync('/dev/kvm', fs.constants.R_OK | fs.constants.W_OK);
    return 'kvm';
  } catch {
    return undefined;
  }
}
