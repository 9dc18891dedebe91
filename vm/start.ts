import {chooseAccelerator} from './accelerator.ts';
import {VmError} from './failure.ts';
import {memoryOf} from './files.ts';
import {findImage} from './image/find.ts';
import type {Image} from './image/image.ts';
import {Machine, type MachineOptions} from './machine.ts';
import {findQemu, hostArchitecture, type Accelerator} from './qemu.ts';

export type StartOptions = Pick<MachineOptions, 'clock'> & {
  readonly memory?: number;
  readonly accelerator?: Accelerator;
  /** Debian's name of the machine's architecture; absent, this machine's own. */
  readonly arch?: string;
  readonly repository?: MachineOptions['repository'];
  readonly share?: MachineOptions['share'];
  /** Told, one line each, what takes time. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal;
};

/** Everything a start needs, found or built. */
export type Prepared = {readonly qemu: string; readonly arch: string; readonly image: Image; readonly accelerator: Accelerator};

/** Debian's package of QEMU for an architecture. */
export function qemuPackage(arch = hostArchitecture()): string {
  return arch === 'arm64' ? 'qemu-system-arm' : 'qemu-system-x86';
}

/** The command that installs QEMU here. */
export function installQemu(arch = hostArchitecture()): string {
  return process.platform === 'darwin' ? 'brew install qemu' : `sudo apt-get install --no-install-recommends ${qemuPackage(arch)}`;
}

/** QEMU, or the reason for which no machine can be started here; nothing is started or fetched to find out. */
export function findHypervisor(arch = hostArchitecture()): {readonly qemu: string} | {readonly reason: string; readonly mend: string} {
  if (process.platform === 'win32')
    return {reason: 'Windows runs the machine through WSL2', mend: 'wsl --install Debian   then work inside it'};
  const qemu = findQemu(arch);
  return qemu ? {qemu} : {reason: 'QEMU is not installed', mend: installQemu(arch)};
}

/** Finds QEMU, finds or builds the image, and picks the accelerator. */
export async function prepare(options: StartOptions = {}): Promise<Prepared> {
  const arch = options.arch ?? hostArchitecture();
  const found = findHypervisor(arch);
  if ('reason' in found) throw new VmError('missing', found.reason, found.mend);
  const {qemu} = found;
  const say = options.say ?? (() => undefined);
  const image = await findImage(arch, say, options.signal);
  const accelerator = options.accelerator ?? (await chooseAccelerator(qemu, arch, image, say));
  return {qemu, arch, image, accelerator};
}

/** Starts a machine with the files it needs. */
export async function startMachine(prepared: Prepared, options: StartOptions = {}): Promise<Machine> {
  const memory = options.memory ?? 512;
  const repository = [...(options.repository ?? [])];
  const share = [...(options.share ?? [])];
  const need = memoryOf(repository) + memoryOf(share);
  // Files live in the machine's memory, of which half is left for programs.
  if (need > (memory * 2 ** 20) / 2) {
    throw new VmError(
      'usage',
      `The files brought along take ${Math.ceil(need / 2 ** 20)} MiB, too much for ${memory}M of memory; ask for more with --memory.`,
    );
  }
  return Machine.start({...prepared, memory, repository, share, clock: options.clock, signal: options.signal});
}
