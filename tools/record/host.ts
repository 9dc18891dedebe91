import {readdirSync} from 'node:fs';
import path from 'node:path';

/** Directories that the recorded shell has its own, empty at first. */
const covered = ['/root', '/tmp', '/mnt', '/usr/local/bin'];

/** Namespaces around a recorded shell: what it does to mounts, hostname, network, IPC and processes ends with it. */
export const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'] as const;

/** The same for a shell whose host is a machine of ours: what it finds in its folders is its own, all else the machine's. */
export const initialNamespaces = ['--mount'] as const;

/**
 * The script, for bash, that makes of new namespaces a host to record on, and becomes the recorded shell.
 *
 * @param home path, where the script runs, of what {@link filledFolders} looked through
 * @param folders what {@link filledFolders} found
 * @param first commands to run before all others
 * @param host whether the new namespaces are all of a host, or the mounts alone
 */
export function hostScript(
  home: string,
  folders: readonly string[],
  env: Readonly<Record<string, string>>,
  first: readonly string[] = [],
  host: 'stage' | 'machine' = 'stage',
): string {
  return [
    'set -e',
    ...first,
    ...(host === 'stage' ? ['hostname host', 'ip link set lo up'] : []),
    // systemd makes mounts shared, so that is what readers have; the recordings show what follows from it.
    'mount --make-rshared /',
    ...covered.filter((folder) => folder !== '/tmp').map((folder) => `mount -t tmpfs -o mode=755 recorder ${folder}`),
    ...folders.map((folder) => `cp -a ${quote(path.posix.join(home, folder))}/. /${folder}`),
    // Last, since that folder may lie in it.
    'mount -t tmpfs -o mode=1777 recorder /tmp',
    'cd /root',
    // The recorded shell has an ordinary PID, since a process of its own is PID 1 and stays.
    String.raw`printf '#!/bin/sh\nbash\nexit $?\n' > /usr/local/bin/init && chmod 755 /usr/local/bin/init`,
    `exec env -i ${Object.entries(env)
      .map(([name, value]) => quote(`${name}=${value}`))
      .join(' ')} /usr/local/bin/init`,
  ].join('\n');
}

/** Which covered directories a home folder ({@link makeHomeFolder}) fills. What lies elsewhere would change the machine, and is refused. */
export function filledFolders(home: string): string[] {
  const files = readdirSync(home, {recursive: true, withFileTypes: true})
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(home, path.join(entry.parentPath, entry.name)));
  const folders = new Set<string>();
  for (const file of files) {
    const folder = ['root', 'usr/local/bin'].find((each) => file.startsWith(`${each}/`));
    if (!folder) throw new Error(`home folder: ${file} lies outside of root/ and usr/local/bin/`);
    folders.add(folder);
  }
  return [...folders];
}

/** Quotes a word for the shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
