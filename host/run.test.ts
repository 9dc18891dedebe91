import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {run} from './run.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'run-test-'));
afterAll(() => rmSync(folder, {recursive: true}));

describe('run', () => {
  it('returns status and output, and lines as they come', async () => {
    const lines: string[] = [];
    const script = "console.log('\\u001b[1mone\\u001b[0m'); console.error('two'); process.exit(3)";
    const result = await run(process.execPath, ['-e', script], {cwd: folder, onLine: (line) => lines.push(line)});
    expect(result.status).toBe(3);
    expect(result.output).toContain('two');
    expect(lines).toContain('one');
  });

  it('returns what cannot be started, and what takes too long, as failures', async () => {
    expect(await run(path.join(folder, 'none'), [], {cwd: folder})).toMatchObject({
      status: null,
      output: expect.stringContaining('ENOENT') as string,
    });
    const slow = await run(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], {cwd: folder, timeout: 200});
    expect(slow.status).toBeNull();
    expect(slow.output).toContain('time limit');
  });
});
