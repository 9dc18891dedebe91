import os from 'node:os';

import {spawn, type IPty} from '@lydell/node-pty';

import {hostScript, namespaces, filledFolders} from './host.ts';
import {TransportUnavailable, type OpenOptions, type Terminal, type Transport} from './transport.ts';

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

function open({cols, rows, env, home, host}: OpenOptions): Promise<Terminal> {
  if (host === 'machine') {
    const problem = 'this one runs in the initial namespaces of a machine, and this machine is not there to be changed';
    return Promise.reject(new TransportUnavailable(`${problem}: run it without --native.`));
  }
  const script = hostScript(home, filledFolders(home), env);
  const pty = spawn('unshare', [...namespaces, 'bash', '--norc', '-c', script], {
    name: env.TERM ?? 'xterm',
    cols,
    rows,
    cwd: '/',
    env: {PATH: env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin'},
  });
  return Promise.resolve(terminalOf(pty));
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
