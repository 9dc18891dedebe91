import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import {candidateAccelerator, triedAccelerator} from './accelerator.ts';
import {cacheFolder} from './cache.ts';
import {exitStatus} from './failure.ts';
import {cachedImage, hasApt} from './image/find.ts';
import {kernelPackage} from './image/manifest.ts';
import {findQemu, hostArchitecture} from './qemu.ts';
import {installQemu} from './start.ts';

type Finding = {readonly ok: boolean; readonly needed: boolean; readonly text: string; readonly mend?: string};

/** Prints what a machine needs, what is there, and how to get the rest. Returns the exit status. */
export function doctor(arch: string): number {
  const findings = examine(arch);
  for (const {ok, needed, text, mend} of findings) {
    process.stdout.write(`${ok ? 'ok     ' : needed ? 'MISSING' : 'note   '} ${text}\n`);
    if (mend) process.stdout.write(`        → ${mend}\n`);
  }
  const ready = findings.every(({ok, needed}) => ok || !needed);
  const option = arch === hostArchitecture() ? '' : `--arch ${arch} `;
  process.stdout.write(
    ready
      ? `\nA machine can be started: npm run vm -- ${option}-- uname -a\n`
      : '\nNo machine can be started until what is MISSING is there.\n',
  );
  return ready ? 0 : exitStatus.missing;
}

function examine(arch: string): Finding[] {
  if (process.platform === 'win32') {
    return [
      {ok: false, needed: true, text: 'Windows runs the machine through WSL2', mend: 'wsl --install Debian   then clone and run there'},
    ];
  }
  const findings: Finding[] = [];
  const add = (ok: boolean, text: string, mend?: string, needed = true) => findings.push({ok, needed, text, mend: ok ? undefined : mend});

  add(arch in kernelPackage, `processor ${arch}: Debian builds its cloud kernel for ${Object.keys(kernelPackage).join(' and ')}`);
  const qemu = findQemu(arch);
  add(qemu !== undefined, qemu ? `${qemu}: ${version(qemu)}` : 'QEMU', installQemu(arch));

  const image = cachedImage(arch);
  if (image) {
    const size = (fs.statSync(image.kernel).size + fs.statSync(image.initrd).size) >> 20;
    add(true, `image with kernel ${image.release}, ${size} MiB, in ${cacheFolder()}`);
  } else if (hasApt()) {
    add(false, `no image yet: the first start fetches about 65 MB of Debian packages and builds one in ${cacheFolder()}`, undefined, false);
  } else {
    add(false, 'no image, and no apt-get and dpkg-deb to build one', 'build it in a Debian container: vm/README.md, "Without apt"');
  }

  const candidate = candidateAccelerator(arch);
  if (!candidate) {
    add(false, 'no hardware acceleration: the processor is emulated, which works and is slower', undefined, false);
  } else if (qemu && image) {
    const tried = triedAccelerator(qemu, arch, image);
    if (tried === candidate) add(true, `${candidate} works`);
    else if (tried) add(false, `${candidate} is offered but does not work here: the processor is emulated`, undefined, false);
    else add(false, `${candidate} is offered; whether it works is tried at the first start`, undefined, false);
  }

  const free = process.platform === 'linux' ? availableMemory() : os.freemem();
  add(
    free > 700 * 2 ** 20,
    `${Math.round(free / 2 ** 20)} MiB of memory available; a machine takes 512M unless told otherwise`,
    'close something, or ask for less with --memory',
    false,
  );
  const go = version('go', ['version']);
  add(
    go !== undefined,
    go ?? 'Go, which npm run test:vm and the recordings build with',
    'install Go 1.26 or newer, as the set-up page says',
    false,
  );
  return findings;
}

function version(program: string, args: readonly string[] = ['--version']): string | undefined {
  try {
    return execFileSync(program, args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).split('\n')[0];
  } catch {
    return undefined;
  }
}

/** proc(5): MemAvailable, what a new program can have without swapping. */
function availableMemory(): number {
  return Number(/^MemAvailable:\s+(\d+) kB/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
}
