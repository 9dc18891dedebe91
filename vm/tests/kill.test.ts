import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {prepare} from '../start.ts';
import {eventually, processes, startTool, traces} from './tool.ts';

/** A size of memory that nobody else asks for, so that our QEMU is known by its command line. */
const MEMORY = 333;
const ours = () => processes(`-m ${MEMORY}M `);

/** The machine itself holds the guest's processes; what this looks at is Linux's /proc. */
describe.runIf(process.platform === 'linux')('a tool that is killed leaves nothing behind', () => {
  let before: ReturnType<typeof traces>;
  beforeAll(async () => {
    await prepare();
    before = traces();
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    it.each([200, 700, 1200, 2000])(`${signal} after %d ms`, async (wait) => {
      const {child, ended} = startTool(['--memory', `${MEMORY}M`, '--', 'sleep', '600']);
      await new Promise((resolve) => setTimeout(resolve, wait));
      child.kill(signal);
      const {status} = await ended;
      expect([null, 130, 143]).toContain(status);
      expect(await eventually(() => ours().length === 0), ours().join('\n')).toBe(true);
      expect(traces()).toEqual(before);
    });

    it(`${signal} while the command runs`, async () => {
      const {child, ended} = startTool(['--memory', `${MEMORY}M`, '--', 'sh', '-c', 'echo running; sleep 600']);
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      expect(ours()).not.toEqual([]);
      child.kill(signal);
      const {status} = await ended;
      expect(status).toBe({SIGINT: 130, SIGTERM: 143, SIGKILL: null}[signal]);
      expect(await eventually(() => ours().length === 0), ours().join('\n')).toBe(true);
      expect(traces()).toEqual(before);
    });
  }

  it('SIGKILL for npm alone ends the tool too', async () => {
    const {child, ended} = startTool([], {
      script: path.join(import.meta.dirname, 'as-npm.ts'),
      env: {MEMORY: `${MEMORY}M`},
    });
    expect(await eventually(() => ours().length > 0, 60)).toBe(true);
    child.kill('SIGKILL');
    await ended;
    expect(await eventually(() => ours().length === 0)).toBe(true);
  });

  describe('while an image is built', () => {
    let cache: string;
    beforeAll(() => {
      cache = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-cache-'));
    });
    afterAll(() => fs.rmSync(cache, {recursive: true}));

    it.each(['fetching', 'building'])('SIGKILL when it is %s', async (stage) => {
      const {child, ended} = startTool(['--memory', `${MEMORY}M`, '--', 'true'], {env: {XDG_CACHE_HOME: cache}});
      await new Promise<void>((resolve) => {
        child.stderr?.on('data', (text: string) => {
          if (text.includes(stage)) resolve();
        });
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      child.kill('SIGKILL');
      await ended;
      expect(await eventually(() => processes(cache).length === 0), processes(cache).join('\n')).toBe(true);
      const folder = path.join(cache, 'sheep-and-shepherd/vm');
      expect(await eventually(() => fs.readdirSync(folder).every((name) => name.startsWith('apt-'))), fs.readdirSync(folder).join()).toBe(
        true,
      );
    });

    it('builds the image from an empty cache afterwards', async () => {
      const {status, stdout, stderr} = await startTool(['--', 'echo', 'started'], {env: {XDG_CACHE_HOME: cache}}).ended;
      expect(stderr).toContain('fetching');
      expect({status, stdout}).toEqual({status: 0, stdout: 'started\n'});
    });
  });
});
