import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import {afterEach, describe, expect, it} from 'vitest';

import {localTransport} from './local.ts';
import {makeHomeFolder} from './homefolder.ts';
import {defineRecording, type Recording} from '../../sessions/script.ts';
import {playSession, quickTime} from './session.ts';
import {environment} from './shell.ts';
import type {Terminal} from './transport.ts';
import {randomFrom} from './typing.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Why this machine cannot record; null when it can. */
function missing(): string | null {
  if (process.platform !== 'linux') return 'recording on the machine itself needs Linux';
  if (process.geteuid?.() !== 0) return 'recording on the machine itself needs root';
  const {status, stderr, error} = spawnSync('unshare', ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--mount-proc', 'true'], {
    encoding: 'utf8',
  });
  if (error) return `recording on the machine itself needs unshare: ${error.message}`;
  return status === 0 ? null : `this machine allows no namespaces: ${stderr.trim()}`;
}

const reason = missing();

describe.skipIf(reason !== null)(`a session on this machine${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const opened: Terminal[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((terminal) => terminal.close()));
  });

  async function play(steps: Recording['steps'], more: Partial<Recording> = {}): Promise<string> {
    const recording = defineRecording({title: 'A test', cols: 60, rows: 10, steps, ...more});
    const home = makeHomeFolder(root, recording);
    try {
      const terminal = await localTransport().open({cols: 60, rows: 10, env: environment, home: home.folder});
      opened.push(terminal);
      const random = randomFrom('test');
      const events = await playSession({source: 'sessions/recordings/test.ts', recording, terminal, random, time: quickTime});
      return events.map(({data}) => data).join('');
    } finally {
      home.remove();
    }
  }

  it('records real output, with the marks of the shell around it', async () => {
    const output = await play([{type: '(exit 3)', expect: /host:~# $/, caption: 'A status.'}]);
    expect(output).toContain(`\x1b]133;B\x07A status.(exit 3)\r\n\x1b]133;C\x07\x1b]133;D;3\x07\x1b]133;A\x07`);
  });

  it('shows nothing of this machine’s environment, home, hostname or network', async () => {
    await play([
      {type: 'hostname; tty | cut -c1-9; stty size', expect: /^host\n\/dev\/pts\/\n10 60$/m, caption: 'Names.'},
      {type: 'pwd; ls; ls /tmp /mnt /usr/local/bin', expect: /^\/root\n\/mnt:\n\n\/tmp:\n\n\/usr\/local\/bin:\ninit$/m},
      {type: 'env | cut -d= -f1 | sort | xargs', expect: /^HOME LANG PATH PWD SHELL SHLVL TERM USER _$/m},
      {type: 'ls /sys/class/net; ip -br link | wc -l', expect: /^1$/m},
    ]);
  });

  it('changes nothing on this machine', async () => {
    const state = (): string =>
      [
        os.hostname(),
        readFileSync('/proc/self/mountinfo', 'utf8'),
        execFileSync('ip', ['-o', 'link'], {encoding: 'utf8'}),
        String(existsSync('/usr/local/bin/init')),
        readdirSync('/root').join(),
      ].join('\n');
    const before = state();
    await play([
      {type: 'hostname wolf; touch trace; mount -t tmpfs x /mnt; echo $?', expect: /^0$/m, caption: 'Change all.'},
      {type: 'ip link add dummy0 type dummy; ip link set lo down; touch /tmp/trace; echo $?', expect: /^0$/m},
    ]);
    expect(state()).toBe(before);
    expect(existsSync('/tmp/trace')).toBe(false);
  });

  it('ends all that was started when the terminal is closed', async () => {
    await play([{type: 'sleep 87654 & setsid sleep 87654 & jobs', expect: /Running/, caption: 'Leave things behind.'}]);
    const left = (): string => spawnSync('pgrep', ['-f', '^sleep 87654'], {encoding: 'utf8'}).stdout;
    expect(left()).not.toBe('');
    await opened[0]!.close();
    await expect.poll(left).toBe('');
    await opened[0]!.close();
  });

  it('refuses a home folder that would change the machine', () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'home-'));
    try {
      mkdirSync(path.join(home, 'etc'));
      writeFileSync(path.join(home, 'etc/passwd'), '');
      expect(() => void localTransport().open({cols: 60, rows: 10, env: {}, home})).toThrow(
        'etc/passwd lies outside of root/ and usr/local/bin/',
      );
    } finally {
      rmSync(home, {recursive: true});
    }
  });
});
