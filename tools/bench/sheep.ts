import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import type {Bench} from './main.ts';
import {table} from './table.ts';

const help = `Usage: npm run bench -- sheep [options]

Measures Sheep beside crun, runc and unshare: start to exit of a program that does nothing, turn by turn in one run; the
import of an image beside tar; the memory of a container that waits; the size of the program and what it is made of. Runs
as root in namespaces of its own, natively: emulation distorts the ratios. A peer that is not in PATH is left out. busybox
has to be linked statically.

Options:
  --runs N   starts for each median (default 50)
  --help     show this
`;

const code = path.resolve(import.meta.dirname, '../../code');

/** Calls of the kernel that Docker's profile refuses, as a filter for the peers: Sheep has one of the same kind. */
const refused = [
  ...['acct', 'add_key', 'bpf', 'clock_adjtime', 'clock_settime', 'create_module', 'delete_module', 'finit_module'],
  ...['get_kernel_syms', 'get_mempolicy', 'init_module', 'ioperm', 'iopl', 'kcmp', 'kexec_file_load', 'kexec_load', 'keyctl'],
  ...['lookup_dcookie', 'mbind', 'mount', 'move_pages', 'nfsservctl', 'open_by_handle_at', 'perf_event_open', 'pivot_root'],
  ...['process_vm_readv', 'process_vm_writev', 'query_module', 'quotactl', 'reboot', 'request_key', 'set_mempolicy', 'setns'],
  ...['settimeofday', 'stime', 'swapoff', 'swapon', 'sysfs', 'umount2', 'unshare', 'uselib', 'userfaultfd', 'ustat'],
];

/** Makes of what `runc spec` writes a configuration that asks for what Sheep does. */
function peerConfig(file: string): void {
  const config = JSON.parse(readFileSync(file, 'utf8')) as {
    process: {terminal: boolean; args: string[]};
    root: {readonly: boolean};
    linux: Record<string, unknown>;
  };
  config.process.terminal = false;
  config.process.args = ['true'];
  config.root.readonly = false;
  delete config.linux.resources;
  config.linux.seccomp = {defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{names: refused, action: 'SCMP_ACT_ERRNO'}]};
  writeFileSync(file, JSON.stringify(config));
}

/** What is run in the namespaces; it writes lines of a name and a number. */
const script = String.raw`
set -e
sheep=$1 runs=$2
mount -t tmpfs none /mnt; mount -t tmpfs none /run; mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null || true
ip link set lo up
export SHEEP_ROOT=/mnt/lib
mkdir -p /mnt/bundle/rootfs/bin /mnt/bundle/rootfs/etc; cd /mnt/bundle
cp "$(command -v busybox)" rootfs/bin/busybox; for name in true sleep; do ln -s busybox rootfs/bin/$name; done
tar -C rootfs -cf /mnt/small.tar .
$sheep import /mnt/small.tar small >/dev/null 2>&1
[ -z "$3" ] || cp "$3" config.json
# The kernel ends network namespaces after the program: nobody is to pay for who came before.
timed() { local name=$1; shift; sleep 0.1; local began=$EPOCHREALTIME; "$@" >/dev/null 2>/mnt/error || { cat /mnt/error >&2; exit 1; }
  local ended=$EPOCHREALTIME; echo "$name $(( ${'$'}{ended/./} - ${'$'}{began/./} ))"; }
for turn in $(seq "$runs"); do
  timed fork /bin/true
  timed unshare unshare -fpmnui /bin/true
  ! command -v crun >/dev/null || timed crun crun --cgroup-manager=disabled run c$turn
  ! command -v runc >/dev/null || timed runc runc run r$turn
  timed sheep $sheep run --rm --no-limits --network none small true
  timed bridge $sheep run --rm --no-limits small true
  timed help $sheep --help
done
# An archive as an image is: some large files, and many small ones.
mkdir -p /mnt/tree/large /mnt/tree/small; for i in $(seq 20); do head -c 5000000 /dev/urandom >/mnt/tree/large/$i; done
for i in $(seq 4000); do echo $i >/mnt/tree/small/$i; done
tar -C /mnt/tree -cf /mnt/tree.tar .; echo "bytes $(stat -c %s /mnt/tree.tar)"
for turn in 1 2 3 4 5; do
  mkdir /mnt/out; timed tar tar -C /mnt/out -xf /mnt/tree.tar; rm -rf /mnt/out
  timed import $sheep import /mnt/tree.tar tree; $sheep rm --image tree >/dev/null
done
$sheep run -d --no-limits --network none --name idle small sleep 1000 >/dev/null
memory() { for pid in $1; do awk -v name=$2 '/^(Rss|Pss):/ {print name tolower($1) " " $2}' /proc/$pid/smaps_rollup; done; }
memory "$(pgrep -f 'monitor /mnt/lib')" monitor; memory "$(pgrep -x sleep)" program
$sheep rm -f idle >/dev/null
`;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  const {status, stdout, stderr} = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: {...process.env, CGO_ENABLED: '0', ...env},
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}

/** How the smallest program is built: without HTTP/2, which registries can do without, and without inlining. */
const small = ['-tags', 'nethttpomithttp2', '-gcflags=all=-l'] as const;

/** Packages by what they are for; the first pattern that a package's path matches counts. */
const kinds: readonly (readonly [kind: string, paths: RegExp])[] = [
  ['Sheep', /^github\.com\/sheep-and-shepherd\//],
  ['netlink', /^github\.com\/vishvananda\//],
  ['zstd', /^github\.com\/klauspost\//],
  ['cryptography and TLS', /^(vendor\/golang\.org\/x\/)?crypto(\/|$)|^encoding\/(asn1|pem)$|^math\/big$/],
  ['network and HTTP', /^(vendor\/golang\.org\/x\/)?net(\/|$)|^mime(\/|$)/],
  ["Go's runtime and reflection", /^(runtime|reflect|internal|sync|type|go)(\/|$|:)/],
];

/** Bytes of instructions by kind, of what `go tool nm -size` prints. */
function instructions(symbols: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of symbols.split('\n')) {
    const [, size, type, ...name] = line.trim().split(/\s+/);
    if (type?.toLowerCase() !== 't') continue;
    // A package is what comes before the first dot after the last slash outside of brackets.
    const path = /^[^([]*\/|^/.exec(name.join(' '))?.[0] ?? '';
    const symbol = path + (name.join(' ').slice(path.length).split('.')[0] ?? '');
    const kind = kinds.find(([, paths]) => paths.test(symbol))?.[0] ?? 'the rest of the standard library';
    sums.set(kind, (sums.get(kind) ?? 0) + Number(size));
  }
  return sums;
}

/** How big the program is for the machines it is built for, and what the smallest is made of. */
function sizes(folder: string): string {
  const file = path.join(folder, 'sized');
  const built = (arch: string, ...flags: string[]): number => {
    run('go', ['build', '-trimpath', ...flags, '-o', file, './cmd/sheep'], code, {GOARCH: arch});
    return statSync(file).size;
  };
  const stripped = '-ldflags=-s -w';
  const rows = ['amd64', 'arm64', '386'].map((arch) => [`linux/${arch}`, (built(arch, stripped) / 1e6).toFixed(2)]);
  rows.push([`linux/386 ${small.join(' ')}`, (built('386', ...small, stripped) / 1e6).toFixed(2)]);
  built('386', ...small);
  const parts = [...instructions(run('go', ['tool', 'nm', '-size', file], code))].sort(([, a], [, b]) => b - a);
  return [
    'size of the program, stripped',
    table([['', 'MB'], ...rows]),
    '',
    'instructions in the last of these (the rest are constants, and tables that lead from an instruction to its function)',
    table([['', 'MB'], ...parts.map(([kind, bytes]) => [kind, (bytes / 1e6).toFixed(2)])]),
  ].join('\n');
}

function report(output: string, runs: number): string {
  const samples = new Map<string, number[]>();
  for (const line of output.split('\n')) {
    const [name, value] = line.split(' ');
    if (name && value) samples.set(name, [...(samples.get(name) ?? []), Number(value)]);
  }
  const of = (name: string): number => median(samples.get(name) ?? []);
  const ms = (value: number): string => (value / 1000).toFixed(1);
  const names: Readonly<Record<string, string>> = {
    fork: 'fork and exec',
    unshare: 'unshare -fpmnui',
    crun: 'crun run',
    runc: 'runc run',
    sheep: 'sheep run --network none',
    bridge: 'sheep run, on the bridge',
    help: 'sheep --help',
  };
  const latency = Object.entries(names)
    .filter(([name]) => samples.has(name))
    .map(([name, title]) => [title, ms(of(name)), ms(Math.min(...(samples.get(name) ?? []))), `${(of('sheep') / of(name)).toFixed(2)}×`]);
  const archive = (samples.get('bytes')?.[0] ?? 0) / 1e6;
  const speed = (name: string): string => (archive / (of(name) / 1e6)).toFixed(0);
  const kilobytes = (name: string): string => String(of(name));
  return [
    `true, start to exit, medians of ${runs} turns`,
    table([['', 'median ms', 'least ms', 'sheep / it'], ...latency]),
    'The same: five namespaces, pivot_root, proc, sys, dev, devpts, shm, mqueue, masked paths, capabilities, no new',
    'privileges, a filter of system calls, loopback. Sheep alone: mounts and removes an overlay, saves its state and syncs',
    'it, keeps a log, writes resolv.conf and hosts. runc alone makes a cgroup (crun is told not to).',
    '',
    `import of ${archive.toFixed(0)} MB in 4020 files, medians of 5 turns`,
    table([
      ['', 'MB/s'],
      ['tar x', speed('tar')],
      ['sheep import', speed('import')],
      ['time, sheep / tar', `${(of('import') / of('tar')).toFixed(2)}×`],
    ]),
    '',
    'memory of a container that waits, kB',
    table([
      ['', 'RSS', 'PSS'],
      ['monitor', kilobytes('monitorrss:'), kilobytes('monitorpss:')],
      ['program', kilobytes('programrss:'), kilobytes('programpss:')],
    ]),
  ].join('\n');
}

function main(args: readonly string[]): Promise<void> {
  const {values} = parseArgs({args: [...args], options: {runs: {type: 'string', default: '50'}, help: {type: 'boolean', short: 'h'}}});
  if (values.help) {
    console.log(help);
    return Promise.resolve();
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: give a whole number from 1 on`);
  if (process.getuid?.() !== 0) throw new Error('bench sheep: needs root');
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-sheep-'));
  try {
    const sheep = path.join(folder, 'sheep');
    run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', sheep, './cmd/sheep'], code);
    // The configuration is made outside, so that the script needs no JSON.
    const spec = ['runc', 'crun'].find((name) => spawnSync(name, ['--version']).status === 0);
    if (spec) {
      run(spec, ['spec'], folder);
      peerConfig(path.join(folder, 'config.json'));
    }
    const file = path.join(folder, 'measure.sh');
    writeFileSync(file, script);
    const config = spec ? path.join(folder, 'config.json') : '';
    const output = run('unshare', ['-mnipuf', '--mount-proc', 'bash', file, sheep, String(runs), config], folder);
    console.log(`${report(output, runs)}\n\n${sizes(folder)}`);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
  return Promise.resolve();
}

/** Sheep beside other runtimes. */
export const bench: Bench = {summary: 'start to exit, import and memory of Sheep beside crun, runc, unshare and tar; its size', run: main};
