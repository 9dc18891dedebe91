import {spawn} from '@lydell/node-pty';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {stripVTControlCharacters} from 'node:util';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {eventually, root, vm} from './tool.ts';

const page = fs.readFileSync(path.join(root, 'docs/setup.mdx'), 'utf8');
/** The commands of the set-up page, fence by fence. */
const fences = [...page.matchAll(/^```bash\n([^]*?)^```$/gm)].map(([, text = '']) => text.trimEnd().split('\n'));

/** The commands of the fence that has one. */
function fenceWith(command: string): string[] {
  const found = fences.filter((lines) => lines.some((line) => line.includes(command)));
  expect(found, command).toHaveLength(1);
  return found[0] ?? [];
}

/** A shell of the machine on a terminal, and what it has printed. */
function openShell(command: string) {
  // In place of npm, which passes the words after `--` on.
  const words = command.replace(/^npm run vm -- /, '').split(' ');
  const pty = spawn(process.execPath, ['host/start.cjs', 'vm/main.ts', ...words], {
    cwd: root,
    cols: 100,
    rows: 40,
    env: {...process.env, TERM: 'xterm-256color'},
  });
  let screen = '';
  let status: number | undefined;
  pty.onData((data) => (screen += data));
  pty.onExit(({exitCode}) => (status = exitCode));
  return {
    /** Types keys and waits for an answer. */
    type: async (keys: string, answer: RegExp) => {
      const from = screen.length;
      // As it reads: a terminal within a terminal, as sudo makes one, ends lines with more than one carriage return.
      const printed = () => stripVTControlCharacters(screen.slice(from)).replaceAll('\r', '');
      pty.write(keys);
      expect(await eventually(() => answer.test(printed()), 90), `${keys}:\n${printed()}`).toBe(true);
      return printed();
    },
    ended: async () => {
      await eventually(() => status !== undefined, 60);
      return status;
    },
    kill: () => {
      if (status === undefined) pty.kill('SIGTERM');
    },
  };
}

describe('the commands of docs/setup.mdx', () => {
  let share: string;
  beforeAll(() => {
    share = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-setup-'));
    const [, build = ''] = fenceWith('go build -o /tmp/share');
    execFileSync('bash', ['-c', build.replace('/tmp/share', share)], {cwd: root});
    const go = {...process.env, GOOS: 'linux', CGO_ENABLED: '0'};
    execFileSync('go', ['build', '-o', share, './cmd/sheep'], {cwd: path.join(root, 'code'), env: go});
  });
  afterAll(() => fs.rmSync(share, {recursive: true}));

  it('work in the machine, typed by its ordinary user as they stand', async () => {
    const [, , open = ''] = fenceWith('--share /tmp/share --shell');
    const shell = openShell(open.replace('/tmp/share', share));
    try {
      const prompt = /learner@meadow:~\$ $/;
      await shell.type('', prompt);
      const [ps = '', ...manuals] = fenceWith('man 7 namespaces');
      expect(await shell.type(`${ps}\r`, prompt)).toMatch(/CMD\n +1 \S+ +\S+ ps\n/);
      for (const [index, name] of ['namespaces(7)', 'clone(2)'].entries()) {
        await shell.type(`${manuals[index]}\r`, new RegExp(`^${name.replace(/[()]/g, '\\$&')} `, 'im'));
        await shell.type('q', prompt);
      }
      const [start = ''] = fenceWith('/share/01-namespaces sh');
      await shell.type(`${start}\r`, /# $/);
      await shell.type('hostname\r', /\nsheep\n/);
      await shell.type('exit\r', prompt);
      expect(await shell.type('hostname; ls -l /dev/hvc0 | cut -d " " -f 3\r', prompt)).toContain('\nmeadow\nlearner\n');
      await shell.type('echo left >/share/left; exit 3\r', /exit/);
      expect(await shell.ended()).toBe(3);
      expect(fs.readFileSync(path.join(share, 'left'), 'utf8')).toBe('left\n');
    } finally {
      shell.kill();
    }
  });

  it('take away what Sheep keeps', async () => {
    const script = [
      'sudo cp /share/sheep /usr/local/bin/sheep',
      'sudo sheep bootstrap busybox >/dev/null',
      'sudo sheep run -d busybox sleep 600 >/dev/null',
      'ls -d /var/lib/sheep; ip -br link show sheep0 | cut -d " " -f 1',
      ...fenceWith('/var/lib/sheep'),
      'echo removed',
      'ls -d /var/lib/sheep /sys/class/net/sheep0',
      'grep -c sheep /proc/mounts; pgrep -c sleep',
    ].join('\n');
    const {stdout, stderr} = await vm(['--user', 'learner', '--share', share, '--', 'bash', '-c', script]);
    expect(stdout.split('\n').slice(0, 2), stderr).toEqual(['/var/lib/sheep', 'sheep0']);
    expect(stdout.slice(stdout.indexOf('removed')), stderr).toBe('removed\n0\n0\n');
    expect(stderr.match(/No such file or directory/g)).toHaveLength(2);
  });
});
