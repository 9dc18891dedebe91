import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {projectCache} from '../host/cache.ts';
import {cacheFolder} from './cache.ts';
import {hostname} from './image/manifest.ts';

const root = path.resolve(import.meta.dirname, '..');
const page = fs.readFileSync(path.join(root, 'docs/setup.mdx'), 'utf8');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'clean-'));
afterAll(() => fs.rmSync(folder, {recursive: true}));

/** The first group of a pattern in a file of the code. */
function inCode(file: string, pattern: RegExp): string {
  return pattern.exec(fs.readFileSync(path.join(root, 'code', file), 'utf8'))?.[1] ?? `nothing like ${pattern.toString()} in ${file}`;
}

describe('npm run vm -- --clean', () => {
  it('removes all that the project keeps in the cache folder, and nothing beside it', () => {
    fs.mkdirSync(path.join(folder, 'sheep-and-shepherd/vm/image-1'), {recursive: true});
    fs.writeFileSync(path.join(folder, 'another'), 'kept');
    const clean = () =>
      spawnSync(process.execPath, ['host/start.cjs', 'vm/main.ts', '--clean'], {
        cwd: root,
        encoding: 'utf8',
        env: {...process.env, XDG_CACHE_HOME: folder},
      });
    const cache = path.join(folder, 'sheep-and-shepherd');
    expect(clean()).toMatchObject({status: 0, stdout: `removed ${cache}\n`});
    expect(fs.readdirSync(folder)).toEqual(['another']);
    expect(clean()).toMatchObject({status: 0, stdout: `${cache} is not there\n`});
  });
});

describe('what the set-up page says of places', () => {
  it('is where they are', () => {
    expect(path.dirname(cacheFolder())).toBe(projectCache());
    const part = page.slice(page.indexOf('{/* #remove */}'));
    expect(part).toContain(`~/.cache/${path.basename(projectCache())}\``);
    expect(part).toContain(`~/Library/Caches/${path.basename(projectCache())}\``);
    expect(part).toContain(`sudo rm -rf ${inCode('container/container.go', /^const DefaultRoot = "(.*)"$/m)}\n`);
    expect(part).toContain(`sudo ip link delete ${inCode('bridge/bridge.go', /^var Default = Bridge\{Name: "(\w+)"/m)}\n`);
    // What the page has its readers make outside of the repository, it has them remove.
    const made = new Set(page.match(/\/tmp\/[\w-]+/g));
    const removed = /^rm -rf (.*)$/m.exec(part)?.[1]?.split(' ') ?? [];
    expect(removed.sort()).toEqual([...made].sort());
  });

  it.runIf(process.platform === 'linux' && !process.env.XDG_CACHE_HOME)('has the place of the cache on Linux', () => {
    expect(projectCache()).toBe(path.join(os.homedir(), '.cache/sheep-and-shepherd'));
  });
});

it('no machine of the set-up page is called as the program calls its container', () => {
  const container = inCode('steps/01-namespaces/main.go', /Sethostname\(\[\]byte\("(\w+)"\)\)/);
  expect(container).toBe('sheep');
  expect(hostname).not.toBe(container);
  expect([...page.matchAll(/--name (\w+)/g)].map(([, name]) => name)).toEqual([hostname]);
});
