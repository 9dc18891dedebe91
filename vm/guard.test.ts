import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {killGuarded, runGuarded, spawnGuarded} from './guard.ts';

const unix = process.platform !== 'win32';

function running(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function eventually(condition: () => boolean): Promise<boolean> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

describe.runIf(unix)('a guarded child', {timeout: 120_000}, () => {
  it('gives its status and output', async () => {
    expect(await runGuarded('sh', ['-c', 'echo out; echo err >&2; exit 5'])).toEqual({status: 5, stdout: 'out\n', stderr: 'err\n'});
  });

  it('has no descriptor of the guard', async () => {
    const {stdout} = await runGuarded('sh', ['-c', '(: <&3) 2>/dev/null && echo open || echo closed']);
    expect(stdout).toBe('closed\n');
  });

  it('is killed with what it started', async () => {
    const child = spawnGuarded({command: 'sh', args: ['-c', 'sleep 600 & echo $!; wait'], output: ['pipe', 'ignore']});
    const pid = await new Promise<number>((resolve) => child.stdout?.once('data', (bytes: Buffer) => resolve(Number(bytes))));
    killGuarded(child);
    expect(await eventually(() => !running(pid))).toBe(true);
  });

  it('ends, and its scratch folder with it, when its parent gets SIGKILL', async () => {
    const base = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-guard-'));
    const scratch = path.join(base, 'scratch');
    fs.mkdirSync(scratch);
    const guard = path.join(import.meta.dirname, 'guard.ts');
    const program = `
      const {spawnGuarded} = require(${JSON.stringify(guard)});
      const child = spawnGuarded({
        command: 'sh', args: ['-c', 'sleep 600 & echo $!; wait'], output: ['pipe', 'ignore'], scratch: ${JSON.stringify(scratch)},
      });
      child.stdout.on('data', (bytes) => process.stdout.write(bytes));`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes))));
    expect(running(pid)).toBe(true);
    parent.kill('SIGKILL');
    expect(await eventually(() => !running(pid) && !fs.existsSync(scratch))).toBe(true);
    fs.rmSync(base, {recursive: true});
  });
});
