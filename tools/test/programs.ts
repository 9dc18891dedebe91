import {existsSync, readFileSync, statSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {findHypervisor, qemuPackage} from '../../vm/start.ts';
import {findChromium, installHint} from '../../host/browser.ts';
import {run} from '../../host/run.ts';
import type {GoToolchain} from './stage.ts';

/** Oldest Go that the module is written for, as its `go.mod` says; null while there is no module. */
export function requiredGo(root: string): string | null {
  const file = path.join(root, 'code/go.mod');
  if (!existsSync(file)) return null;
  return /^go\s+(\d+\.\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? null;
}

/** Compares versions such as `1.26` and `go1.26.8`: negative when the first is older. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Places of Go outside `PATH`: that of go.dev's archive and those of Debian's versioned packages. */
const goPrograms = (wanted: string): string[] => [
  'go',
  '/usr/local/go/bin/go',
  `/usr/lib/go-${wanted}/bin/go`,
  'C:\\Program Files\\Go\\bin\\go.exe',
];

/**
 * Finds a Go that builds the module. A Go from 1.21 on that is older than the module fetches the right one itself,
 * when `GOTOOLCHAIN` allows it (https://go.dev/doc/toolchain): Debian's packages forbid it by default, so it is asked for.
 */
export async function findGo(root: string): Promise<GoToolchain> {
  const wanted = requiredGo(root);
  if (!wanted) return {program: null, why: 'there is no Go module in code/', remedy: ''};
  const env = {...process.env, GOTOOLCHAIN: process.env.GOTOOLCHAIN ?? 'auto'};
  const remedy = `install Go ${wanted} or newer (https://go.dev/dl/)`;
  let why = 'there is no Go on this machine';
  for (const program of goPrograms(wanted)) {
    const {status, stdout, output} = await run(program, ['env', 'GOVERSION'], {cwd: path.join(root, 'code'), env, timeout: 300_000});
    if (status === null) continue;
    const version = stdout.trim();
    if (status === 0 && compareVersions(version, wanted) >= 0) return {program, version, env};
    why =
      status === 0
        ? `${program} is ${version}, and the module needs ${wanted}`
        : `${program} cannot be used: ${output.trim().split('\n')[0] ?? ''}`;
  }
  return {program: null, why, remedy};
}

/** Reports whether packages can be installed without asking anybody: on Debian, as root. */
function isDebianRoot(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** Programs that the Go tests use where they run on the machine itself, by the Debian package that has them. */
const testPrograms: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  iptables: 'iptables',
  conntrack: 'conntrack',
  busybox: 'busybox-static',
  'docker-registry': 'docker-registry',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  diff: 'diffutils',
  kill: 'procps',
  xz: 'xz-utils',
  bzip2: 'bzip2',
};

/** Programs that the tests of the built site use beside the browser, by the Debian package that has them. */
const siteTestPrograms: Readonly<Record<string, string>> = {
  pdftotext: 'poppler-utils',
  pdftoppm: 'poppler-utils',
  'chromium-headless-shell': 'chromium-headless-shell',
};

/** Where Debian keeps a program of the tests; undefined when it is not there. */
function findTestProgram(program: string): string | undefined {
  return ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].map((folder) => path.join(folder, program)).find((file) => existsSync(file));
}

/** Debian's packages that are missing for the tests that need a kernel of their own or private namespaces. */
function missingForLinuxTests(): string[] {
  const missing = Object.entries({...testPrograms, ...siteTestPrograms}).filter(([program]) => findTestProgram(program) === undefined);
  return [...('reason' in findHypervisor() ? [qemuPackage()] : []), ...new Set(missing.map(([, name]) => name))];
}

/** What decides, beside the code, how a Go test ends on this machine: its kernel, the user, the programs. */
export function machineFacts(): string[] {
  const programs = Object.keys(testPrograms).map((program) => {
    const file = findTestProgram(program);
    const stat = file === undefined ? undefined : statSync(file);
    return `${program} ${stat ? `${stat.size} ${stat.mtimeMs}` : 'none'}`;
  });
  return [os.release(), os.arch(), String(process.getuid?.()), ...programs];
}

/** What sets one build of a program apart from others: its place, size and date. */
export function programFacts(program: string | null): string {
  const stat = program === null ? undefined : statSync(program, {throwIfNoEntry: false});
  return `${program ?? 'none'} ${stat ? `${stat.size} ${stat.mtimeMs}` : ''}`;
}

/** Finds Chromium and Go; on Debian as root installs them, and what the tests of Linux need, if its packages have it. */
export async function preparePrograms(
  root: string,
  install: boolean,
  say: (line: string) => void,
): Promise<{chromium: string | null; go: GoToolchain; chromiumRemedy: string}> {
  let chromium = findChromium();
  let go = await findGo(root);
  const wantsGo = go.program === null && go.remedy !== '';
  const forLinux = install && isDebianRoot() ? missingForLinuxTests() : [];
  if (install && isDebianRoot() && (!chromium || wantsGo || forLinux.length > 0)) {
    // A program is wanted, not the service that its package starts where systemd runs: docker-registry has one.
    const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1'};
    const apt = (...args: string[]): ReturnType<typeof run> => run('apt-get', args, {cwd: root, env, timeout: 900_000});
    say('looking for missing programs in Debian (apt-get update)');
    await apt('update', '-qq');
    const packages: string[] = [...forLinux];
    if (!chromium) packages.push('chromium');
    if (wantsGo) {
      const policy = await run('apt-cache', ['policy', 'golang-go'], {cwd: root});
      const candidate = /Candidate: (?:\d+:)?(\d+\.\d+)/.exec(policy.stdout)?.[1];
      // From 1.21 on, Go fetches a newer toolchain when the module asks for one.
      if (candidate && compareVersions(candidate, '1.21') >= 0) packages.push('golang-go');
    }
    for (const name of packages) {
      say(`apt-get install ${name}`);
      const {status, output} = await apt('install', '-y', '-qq', '--no-install-recommends', name);
      if (status !== 0) say(`apt-get install ${name} failed:\n${output.trim().split('\n').slice(-5).join('\n')}`);
    }
    chromium = findChromium();
    if (packages.includes('golang-go')) go = await findGo(root);
  }
  return {chromium, go, chromiumRemedy: installHint};
}
