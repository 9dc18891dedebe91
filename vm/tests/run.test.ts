import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {hasApt} from '../image/find.ts';
import {architectures, findQemu, hostArchitecture} from '../qemu.ts';
import {prepare, startMachine} from '../start.ts';
import {eventually, vm} from './tool.ts';

/** An architecture that this machine has not. */
const other = architectures.find((arch) => arch !== hostArchitecture()) ?? '';

describe('npm run vm', () => {
  it('passes on input, both outputs and the exit status, and runs on a kernel that is not this one', async () => {
    const script = 'cat; pwd; uname -n; echo complaint >&2; touch /repo/x 2>/dev/null || echo read-only; exit 7';
    const {status, stdout, stderr} = await vm(['--', 'sh', '-c', script], {input: 'given\n'});
    expect(stdout).toBe('given\n/repo\nmeadow\nread-only\n');
    expect(stderr).toBe('complaint\n');
    expect(status).toBe(7);
  });

  it('gives 128 + n for a command that a signal ends, and 127 for one that is not there', async () => {
    expect((await vm(['--', 'sh', '-c', 'kill -TERM $$'])).status).toBe(143);
    // As on a terminal: programs that a shell starts in the background have SIGINT ignored for good.
    expect((await vm(['--', 'sh', '-c', 'kill -INT $$; echo ignored'])).status).toBe(130);
    const missing = await vm(['--', 'no-such-command']);
    expect(missing.status).toBe(127);
    expect(missing.stderr).toContain('no-such-command');
  });

  it('brings the shared folder there and what changed in it back', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-share-'));
    try {
      fs.writeFileSync(path.join(folder, 'there'), 'from here');
      fs.writeFileSync(path.join(folder, 'kept'), 'as it was', {mode: 0o600});
      const before = fs.statSync(path.join(folder, 'kept')).mtimeMs;
      const script =
        'cat /share/there; mkdir -p /share/sub; echo back >/share/sub/file; echo changed >/share/there; cp -p /share/kept /share/old; head -c 3000000 /dev/zero >/share/large';
      const {status, stdout} = await vm(['--share', folder, '--', 'sh', '-c', script]);
      expect({status, stdout}).toEqual({status: 0, stdout: 'from here'});
      expect(fs.readFileSync(path.join(folder, 'sub/file'), 'utf8')).toBe('back\n');
      expect(fs.readFileSync(path.join(folder, 'there'), 'utf8')).toBe('changed\n');
      expect(fs.statSync(path.join(folder, 'large')).size).toBe(3_000_000);
      expect(fs.readFileSync(path.join(folder, 'old'), 'utf8')).toBe('as it was');
      expect(fs.statSync(path.join(folder, 'kept')).mtimeMs).toBe(before);
    } finally {
      fs.rmSync(folder, {recursive: true});
    }
  });

  it('names a kernel panic and shows the console', async () => {
    const {status, stderr} = await vm(['--', 'sh', '-c', 'echo c >/proc/sysrq-trigger']);
    expect(status).toBe(70);
    expect(stderr).toMatch(/^vm: The machine's kernel panicked\./);
    expect(stderr).toContain('sysrq triggered crash');
  });

  it('ends a machine that hangs when its time is over', async () => {
    const {status, stderr} = await vm(['--timeout', '15', '--', 'sleep', '600']);
    expect(status).toBe(124);
    expect(stderr).toBe('vm: The time limit of 15 s has passed; the machine was ended. (--timeout SECONDS)\n');
  });

  it('tells of a machine that powers itself off', async () => {
    const {status, stderr} = await vm(['--', 'poweroff', '-f']);
    expect(status).toBe(76);
    expect(stderr).toContain('The machine ended by itself');
  });

  it.runIf(os.totalmem() < 60 * 2 ** 30)('says so when this machine has no memory for it', async () => {
    const {status, stderr} = await vm(['--memory', '64G', '--', 'true']);
    expect(status).toBe(71);
    expect(stderr).toContain('--memory');
  });

  it('outlives a command that takes all of its memory', async () => {
    const {status, stdout} = await vm(['--memory', '256M', '--', 'sh', '-c', 'tail /dev/zero; echo $?']);
    expect({status, stdout}).toEqual({status: 0, stdout: '137\n'});
  });

  it('refuses wrong usage before anything is started', async () => {
    expect(await vm(['--memroy', '1G', '--', 'true'])).toMatchObject({status: 64, stdout: ''});
    expect(await vm(['--share', '/no/such/folder', '--', 'true'])).toMatchObject({status: 64, stdout: ''});
    expect((await vm(['--shell'])).stderr).toContain('--shell needs a terminal');
  });

  it.runIf(findQemu(other) && hasApt())('emulates another architecture, modules and clock included', async () => {
    const script = 'uname -m; mount -t overlay overlay -o lowerdir=/etc:/usr /mnt && ip link add br0 type bridge && date -u "+%F %H"';
    const {status, stdout} = await vm(['--arch', other, '--clock', '2026-06-01T09:00:00', '--', 'sh', '-c', script]);
    expect({status, stdout}).toEqual({status: 0, stdout: `${other === 'arm64' ? 'aarch64' : 'x86_64'}\n2026-06-01 09\n`});
  });

  it('starts its clock when told to', async () => {
    const {stdout} = await vm(['--clock', '2026-06-01T09:00:00', '--', 'date', '-u', '+%F %H']);
    expect(stdout).toBe('2026-06-01 09\n');
  });
});

describe('a machine', () => {
  it('runs one command after the other, and programs on a terminal of the given size', async () => {
    const machine = await startMachine(await prepare());
    try {
      const run = async (...argv: string[]) => {
        let output = '';
        const take = (bytes: Buffer) => void (output += bytes.toString());
        const status = await machine.run({argv}, {stdout: take, stderr: take});
        return `${output}${status}`;
      };
      expect(await run('sh', '-c', 'echo one; exit 3')).toBe('one\n3');
      expect(await run('sh', '-c', 'cat /sys/fs/cgroup/cgroup.subtree_control')).toMatch(/cpuset cpu io memory .*pids.*\n0/);
      for (const size of [
        {rows: 24, cols: 80},
        {rows: 30, cols: 100},
      ]) {
        let screen = '';
        const take = (bytes: Buffer) => void (screen += bytes.toString());
        const terminal = machine.openTerminal({argv: ['bash', '--norc'], env: {PS1: '$ '}}, size, take);
        const seen = (text: string) => eventually(() => screen.includes(text), 60);
        terminal.write('tty; stty size\r');
        expect(await seen(`/dev/hvc0\r\n${size.rows} ${size.cols}\r\n`), screen).toBe(true);
        terminal.write('exec bash -c \'trap "stty size; exit 4" WINCH; echo wait\\ing; while :; do sleep 0.1; done\'\r');
        expect(await seen('waiting'), screen).toBe(true);
        terminal.resize(size.rows + 1, size.cols + 1);
        expect(await terminal.exit).toBe(4);
        expect(screen).toContain(`${size.rows + 1} ${size.cols + 1}\r\n`);
      }
      expect(await run('true')).toBe('0');
    } finally {
      await machine.off();
    }
  });
});
