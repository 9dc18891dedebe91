import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {environment, startupFiles} from '../shell.ts';
import type {Terminal, Transport} from '../transport.ts';
import {vmTransport} from '../vm.ts';
import {eventually} from '../../../vm/tests/tool.ts';

/** Leaves out the marks of the shell, OSC 133. */
function stripMarks(output: string): string {
  return output.replaceAll(new RegExp('\\u001b\\][^\\u0007]*\\u0007', 'g'), '');
}

describe('sessions that are recorded in one machine', () => {
  let home: string;
  let transport: Transport;
  beforeAll(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-home-'));
    for (const [name, content] of Object.entries(startupFiles)) {
      fs.mkdirSync(path.dirname(path.join(home, name)), {recursive: true});
      fs.writeFileSync(path.join(home, name), content);
    }
    fs.mkdirSync(path.join(home, 'usr/local/bin'), {recursive: true});
    fs.writeFileSync(path.join(home, 'usr/local/bin/greet'), '#!/bin/sh\necho hello from $(uname -r)\n', {mode: 0o755});
    transport = vmTransport(() => undefined);
  });
  afterAll(async () => {
    await transport.dispose();
    fs.rmSync(home, {recursive: true});
  });

  /** Types lines into a new session until each is followed by its answer, and returns all that was printed. */
  async function session(lines: readonly (readonly [typed: string, answer: RegExp])[], size = {cols: 80, rows: 24}): Promise<string> {
    const terminal: Terminal = await transport.open({...size, env: environment, home});
    try {
      let screen = '';
      terminal.onData((data) => (screen += data));
      for (const [typed, answer] of lines) {
        const from = screen.length;
        terminal.write(`${typed}\r`);
        expect(await eventually(() => answer.test(stripMarks(screen.slice(from))), 60), `${typed}:\n${screen}`).toBe(true);
      }
      return screen;
    } finally {
      await terminal.close();
    }
  }

  it('find their files, their size and the kernel that the transport names', async () => {
    const screen = await session(
      [
        ['greet', /hello from \S+\r\n/],
        ['stty size', /30 100\r\n/],
        ['date -u +%F', /2026-06-01\r\n/],
      ],
      {cols: 100, rows: 30},
    );
    expect(screen).toContain(`hello from ${await transport.kernel()}`);
    expect(screen).toContain('\x1b]133;A\x07');
  });

  it('leave nothing to the next: hostname, files, interfaces, processes, cgroups', async () => {
    await session([
      ['hostname changed; touch /root/left /usr/local/bin/left', /host/],
      ['ip link add left type bridge; sleep 4242 & echo $?', /\n0\r\n/],
      ['mkdir /sys/fs/cgroup/left && echo $! >/sys/fs/cgroup/left/cgroup.procs; echo $?', /\n0\r\n/],
    ]);
    await session([
      ['hostname; ls /root /usr/local/bin', /\nhost\r\n[^]*greet/],
      ['ls /root/left /usr/local/bin/left /sys/class/net/left /sys/fs/cgroup/left 2>&1 | grep -c "No such"', /\n4\r\n/],
      ['pgrep -f "sleep 424[2]"; echo none $?', /\nnone 1\r\n/],
    ]);
  });
});
