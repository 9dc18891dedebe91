import {spawn as spawnTerminal} from '@lydell/node-pty';
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {stripVTControlCharacters} from 'node:util';
import {describe, expect, it} from 'vitest';
import {eventually, root} from '../../../vm/tests/tool.ts';

describe('npm run exercise', () => {
  it('opens a shell in which one is told what to do, what is missing, and that it is done', async () => {
    const pty = spawnTerminal(process.execPath, ['host/start.cjs', 'tools/exercise/main.ts', '01-1'], {
      cwd: root,
      cols: 100,
      rows: 50,
      env: {...process.env, TERM: 'xterm-256color'},
    });
    let screen = '';
    let status: number | undefined;
    pty.onData((data) => (screen += data));
    pty.onExit(({exitCode}) => (status = exitCode));
    const type = async (keys: string, answer: RegExp): Promise<string> => {
      const from = screen.length;
      const printed = () => stripVTControlCharacters(screen.slice(from)).replaceAll('\r', '');
      pty.write(keys);
      expect(await eventually(() => answer.test(printed()), 120), `${keys}:\n${printed()}`).toBe(true);
      return printed();
    };
    try {
      const prompt = /learner@meadow:~\$ $/;
      const task = await type('', prompt);
      expect(task).toMatch(/Who shares a network with Dolly\?\n\nDolly is a process[^]*This time Dolly is process \d+\.\n\n {2}check /);
      expect(await type('check; echo status $?\r', prompt)).toMatch(/Not done yet:\n- There is no file ~\/answer yet\.[^]*\nstatus 1\n/);
      expect(await type('hint\r', prompt)).toMatch(/\nHint 1 of 3:\nThe links in \/proc/);
      expect(await type('hint; hint; hint\r', prompt)).toMatch(/Hint 2 of 3:[^]*Hint 3 of 3:[^]*There are no more hints\./);
      // Where /proc may be another, nothing is judged.
      expect(await type('sudo unshare --mount check; echo status $?\r', prompt)).toMatch(/another mount namespace[^]*status 2\n/);
      await type('solution >/tmp/solution; bash /tmp/solution\r', prompt);
      expect(await type('check; echo status $?\r', prompt)).toContain('\nDone.\nstatus 0\n');
      await type('exit\r', /exit/);
      expect(await eventually(() => status !== undefined, 60)).toBe(true);
      expect(status).toBe(0);
    } finally {
      if (status === undefined) pty.kill('SIGTERM');
    }
  });

  it('checks a program that was written in another language, and ends as the check does', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'exercise-'));
    try {
      const right = path.join(folder, 'right');
      const container = 'exec unshare --map-root-user --uts --ipc --net --pid --fork --mount-proc';
      fs.writeFileSync(right, `#!/bin/sh\n${container} sh -c 'hostname sheep && exec "$@"' sh "$@"\n`, {mode: 0o755});
      const check = (program: string) =>
        spawnSync(process.execPath, ['host/start.cjs', 'tools/exercise/main.ts', '01-3', '--check', program], {
          cwd: root,
          encoding: 'utf8',
        });
      expect(check(right)).toMatchObject({status: 0, stdout: 'Done.\n'});
      expect(check(path.join(folder, 'wrong'))).toMatchObject({status: 2, stdout: ''});
    } finally {
      fs.rmSync(folder, {recursive: true});
    }
  });
});
