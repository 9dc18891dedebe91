import fs from 'node:fs';
import path from 'node:path';
import type {Image} from './image/image.ts';

/** What carries out the guest's instructions: emulation, or the host's processor. */
export type Accelerator = 'tcg' | 'kvm' | 'hvf';

/** Architectures by Debian's name, and the QEMU program for each. */
const programs: Readonly<Record<string, string>> = {amd64: 'qemu-system-x86_64', arm64: 'qemu-system-aarch64'};

/** The architectures a machine can have, by Debian's names. */
export const architectures: readonly string[] = Object.keys(programs);

/** Debian's name of this machine's architecture: the guest has the same unless told otherwise. */
export function hostArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** The path of QEMU for an architecture, or undefined. */
export function findQemu(arch: string): string | undefined {
  const program = programs[arch];
  if (!program) return undefined;
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  return folders.map((folder) => path.join(folder, program)).find((file) => fs.existsSync(file));
}

/**
 * Kernel arguments. `panic=-1` restarts at once and `-no-reboot` turns that into the end
 * of QEMU, so a panic is never a hang. The rest leaves out what an emulated processor
 * would spend its start on; what a container can see (namespaces, cgroups, netfilter)
 * is as Debian ships it.
 */
const kernelArguments: Readonly<Record<string, readonly string[]>> = {
  common: [
    'panic=-1',
    'quiet',
    'mitigations=off',
    'audit=0',
    'apparmor=0',
    'selinux=0',
    'lsm=capability',
    'cryptomgr.notests',
    'init_on_alloc=0',
    'rcupdate.rcu_expedited=1',
    'random.trust_cpu=on',
    'nokaslr',
  ],
  amd64: ['console=ttyS0', 'reboot=t', 'tsc=reliable', 'no5lvl', 'no_timer_check', '8250.nr_uarts=1'],
  arm64: ['console=ttyAMA0'],
};

/**
 * Kernel arguments for emulation alone. QEMU 7 translates a program once for each address that it runs at: where every
 * start has addresses of its own, nothing is used again, and fork and exec take three times as long.
 */
const emulatedKernelArguments: readonly string[] = ['norandmaps'];

const machines: Readonly<Record<string, readonly string[]>> = {
  amd64: ['-M', 'pc,hpet=off,usb=off,vmport=off'],
  arm64: ['-M', 'virt'],
};

/**
 * Processors for emulation: with every feature QEMU has, but for those that cost more than they show. Five levels of
 * page tables are slower than four. The kernel signs every return address, and Arm's algorithm for that (QARMA5) takes
 * more time than all else in a start; QEMU has a quick one in its place.
 */
const emulated: Readonly<Record<string, string>> = {amd64: 'max,-la57', arm64: 'max,pauth-impdef=on'};

/** Virtio ports, in the order of their descriptors in QEMU, the first being 4. */
export const ports = ['control', 'in', 'out', 'err', 'files', 'terminal'] as const;
export type Port = (typeof ports)[number];
/** Descriptors after the ports': the disks, one archive each. */
export const FIRST_DISK = 4 + ports.length;

export type QemuOptions = {
  readonly arch: string;
  readonly accelerator: Accelerator;
  readonly image: Image;
  /** Mebibytes. */
  readonly memory: number;
  /** How many archives follow on descriptors from FIRST_DISK on. */
  readonly disks: number;
  /** Where the guest's clock starts, as `2026-06-01T09:00:00` (UTC); absent, the present. */
  readonly clock?: string;
};

/** The arguments of QEMU. It gets descriptors only: no path, no socket file, no network. */
export function qemuArguments(options: QemuOptions): string[] {
  const {arch, accelerator, image} = options;
  const args = [
    ...(machines[arch] ?? []),
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot',
    '-accel',
    accelerator === 'tcg' ? 'tcg,thread=multi' : accelerator,
    '-cpu',
    accelerator === 'tcg' ? (emulated[arch] ?? 'max') : 'host',
    '-smp',
    '1', // Under emulation one processor boots faster than two.
    '-m',
    `${options.memory}M`,
    '-kernel',
    image.kernel,
    '-initrd',
    image.initrd,
    '-append',
    [...(kernelArguments.common ?? []), ...(kernelArguments[arch] ?? []), ...(accelerator === 'tcg' ? emulatedKernelArguments : [])].join(
      ' ',
    ),
    '-serial',
    'stdio',
    '-device',
    'virtio-serial-pci',
  ];
  ports.forEach((port, index) => {
    args.push('-chardev', `socket,id=${port},fd=${4 + index}`);
    args.push('-device', port === 'terminal' ? `virtconsole,chardev=${port}` : `virtserialport,chardev=${port},name=${port}`);
  });
  for (let disk = 0; disk < options.disks; disk++) {
    args.push('-add-fd', `fd=${FIRST_DISK + disk},set=${disk + 1}`);
    args.push('-drive', `if=none,id=disk${disk},file=/dev/fdset/${disk + 1},format=raw,readonly=on,file.locking=off`);
    args.push('-device', `virtio-blk-pci,drive=disk${disk}`);
  }
  if (options.clock) args.push('-rtc', `base=${options.clock},clock=vm`);
  return args;
}
