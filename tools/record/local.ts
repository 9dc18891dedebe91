import {readdirSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import {spawn, type IPty} from '@lydell/node-pty';

import {TransportUnavailable, type OpenOptions, type Terminal, type Transport} from './transport.ts';

/** Directories of this machine that the recorded shell has its own, empty at first. */
const covered = ['/root', '/tmp', '/mnt', '/usr/local/bin'];

/**
 * Runs the shell on this machine, as root, in namespaces of its own: mounts, hostname, network, IPC and processes are
 * not the machine's, and end with the shell.
 *
 * @throws TransportUnavailable where that cannot work
 */
export function localTransport(): Transport {
  if (process.platform !== 'linux') {
    throw new TransportUnavailable('recording on this machine needs Linux: run it inside a Linux virtual machine.');
  }
  if (process.geteuid?.() !== 0) {
    throw new TransportUnavailable('recording on this machine needs root, for namespaces of its own: run it again as root.');
  }
  return {open, kernel: () => Promise.resolve(os.release()), dispose: () => Promise.resolve()};
}

function open({cols, rows, env, overlay}: OpenOptions): Promise<Terminal> {
  const folders = foldersOf(overlay);
  const setUp = [
    'set -e',
    'hostname host',
    'ip link set lo up',
    // systemd makes mounts shared, so that is what readers have; the recordings show what follows from it.
    'mount --make-rshared /',
    ...covered.filter((folder) => folder !== '/tmp').map((folder) => `mount -t tmpfs -o mode=755 recorder ${folder}`),
    ...folders.map((folder) => `cp -a ${quote(path.join(overlay, folder))}/. /${folder}`),
    // Last, since the overlay may lie in it.
    'mount -t tmpfs -o mode=1777 recorder /tmp',
    'cd /root',
    // The recorded shell has an ordinary PID, since a process of its own is PID 1 and stays.
    String.raw`printf '#!/bin/sh\nbash\nexit $?\n' > /usr/local/bin/init && chmod 755 /usr/local/bin/init`,
    `exec env -i ${Object.entries(env)
      .map(([name, value]) => quote(`${name}=${value}`))
      .join(' ')} /usr/local/bin/init`,
  ].join('\n');
  const pty = spawn(
    'unshare',
    ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'bash', '--norc', '-c', setUp],
    {name: env.TERM ?? 'xterm', cols, rows, cwd: '/', env: {PATH: env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin'}},
  );
  return Promise.resolve(terminalOf(pty));
}

/** Which covered directories an overlay fills. What lies elsewhere would change the machine, and is refused. */
function foldersOf(overlay: string): string[] {
  const files = readdirSync(overlay, {recursive: true, withFileTypes: true})
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(overlay, path.join(entry.parentPath, entry.name)));
  const folders = new Set<string>();
  for (const file of files) {
    const folder = ['root', 'usr/local/bin'].find((each) => file.startsWith(`${each}/`));
    if (!folder) throw new Error(`overlay: ${file} lies outside of root/ and usr/local/bin/`);
    folders.add(folder);
  }
  return [...folders];
}

function terminalOf(pty: IPty): Terminal {
  let pending = '';
  let listener: ((data: string) => void) | null = null;
  pty.onData((data) => {
    if (listener) listener(data);
    else pending += data;
  });
  const exit = new Promise<number>((resolve) => pty.onExit(({exitCode}) => resolve(exitCode)));
  let gone = false;
  void exit.then(() => (gone = true));
  return {
    write: (data) => pty.write(data),
    onData(call) {
      listener = call;
      if (pending) call(pending);
      pending = '';
    },
    onExit: (call) => void exit.then(call),
    resize: (cols, rows) => pty.resize(cols, rows),
    async close() {
      // unshare takes PID 1 of its namespace with it (--kill-child), and the kernel all others.
      if (!gone) pty.kill('SIGKILL');
      await exit;
    },
  };
}

/** Quotes a word for the shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
