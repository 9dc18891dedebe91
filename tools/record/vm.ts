import {folderEntries} from '../../vm/files.ts';
import {VmError} from '../../vm/failure.ts';
import type {Machine} from '../../vm/machine.ts';
import {findHypervisor, prepare, startMachine, type Prepared} from '../../vm/start.ts';
import {filledFolders, hostScript, initialNamespaces, namespaces} from './host.ts';
import {TransportUnavailable, type OpenOptions, type Terminal, type Transport} from './transport.ts';

/** When every recorded session begins, by the clock of its machine (UTC): dates in it are the same each time. */
const CLOCK = '2026-06-01T09:00:00';

/** Where the files of a session lie in the machine before they are copied to their places. */
const HOME = '/run/home';

/** What a session may leave behind, since cgroups are the machine's: groups, and processes in them. */
const REMOVE_CGROUPS =
  'find /sys/fs/cgroup -mindepth 1 -depth -type d | while read -r group; do echo 1 >"$group/cgroup.kill"; rmdir "$group"; done 2>/dev/null';

/**
 * Runs the shell on a Linux kernel of our own: see vm/README.md. The machine starts with the first terminal and serves
 * them all, one after the other; each session has namespaces of its own, so it finds what the first one found. Cgroups
 * and the clock have none that would do, so they are put back.
 *
 * @param say told what takes time
 * @throws TransportUnavailable where no machine can be started
 */
export function vmTransport(say: (line: string) => void): Transport {
  const hypervisor = findHypervisor();
  if ('reason' in hypervisor) {
    throw new TransportUnavailable(
      `Recordings are made in a virtual machine, and none can be started: ${hypervisor.reason}.\n` +
        `Mend it with: ${hypervisor.mend}\nOr record on this machine, with --native.`,
    );
  }
  let preparing: Promise<Prepared> | undefined;
  let starting: Promise<Machine> | undefined;
  const prepared = (): Promise<Prepared> => (preparing ??= prepare({say}));
  const start = async (): Promise<Machine> => startMachine(await prepared(), {clock: CLOCK});
  return {
    async open(options) {
      try {
        return await openTerminal(await (starting ??= start()), options);
      } catch (error) {
        if (error instanceof VmError) throw new Error(`The virtual machine: ${error.message}`, {cause: error});
        throw error;
      }
    },
    kernel: async () => (await prepared()).image.release,
    dispose: async () => {
      await (await starting?.catch(() => undefined))?.off();
    },
  };
}

async function openTerminal(machine: Machine, {cols, rows, env, home, host = 'stage'}: OpenOptions): Promise<Terminal> {
  const nowhere = {stdout: () => undefined, stderr: () => undefined};
  await machine.run({argv: ['rm', '-rf', HOME], cwd: '/'}, nowhere);
  await machine.put(folderEntries(home), HOME);
  // These show the namespaces of whoever mounted them.
  const views = ['mount -t sysfs sysfs /sys', 'mount -t cgroup2 cgroup2 /sys/fs/cgroup'];
  const first = [...(host === 'stage' ? views : []), `date -u -s ${CLOCK} >/dev/null`];
  const script = hostScript(HOME, filledFolders(home), env, first, host);

  let pending = '';
  let listener: ((data: string) => void) | null = null;
  const decoder = new TextDecoder();
  const running = machine.openTerminal(
    {argv: ['unshare', ...(host === 'stage' ? namespaces : initialNamespaces), 'bash', '--norc', '-c', script], cwd: '/'},
    {rows, cols},
    (bytes) => {
      const data = decoder.decode(bytes, {stream: true});
      if (listener) listener(data);
      else pending += data;
    },
  );
  let gone = false;
  const exit = running.exit.then(
    (status) => status,
    () => 255, // The machine is gone; the shell with it.
  );
  void exit.then(() => (gone = true));
  return {
    write: (data) => running.write(data),
    onData(call) {
      listener = call;
      if (pending) call(pending);
      pending = '';
    },
    onExit: (call) => void exit.then(call),
    resize: (columns, lines) => running.resize(lines, columns),
    async close() {
      if (!gone) running.hangUp();
      await exit;
      await machine.run({argv: ['sh', '-c', REMOVE_CGROUPS], cwd: '/'}, nowhere);
    },
  };
}
