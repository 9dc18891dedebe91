import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {Code, Root} from 'mdast';
import {VFile} from 'vfile';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {remarkExperiments} from './index.ts';

const result = {
  title: 'A name',
  kernel: '6.1.0',
  date: '2026-06-01',
  commands: [
    {prompt: 'host:~#', command: 'sheep bash', output: '', status: null},
    {prompt: 'sheep:~#', command: 'hostname', output: 'sheep', status: 0},
    {prompt: 'sheep:~#', command: 'false', output: '', status: 1},
  ],
};

let siteDir: string;

beforeAll(() => {
  siteDir = mkdtempSync(path.join(os.tmpdir(), 'experiments-'));
  mkdirSync(path.join(siteDir, 'static/experiments'), {recursive: true});
  const write = (name: string, value: unknown): void =>
    writeFileSync(path.join(siteDir, `static/experiments/${name}.json`), JSON.stringify(value));
  write('01-name', result);
  write('01-wide', {...result, commands: [{prompt: 'host:~#', command: 'true', output: 'x'.repeat(77), status: 0}]});
  write('01-old', {...result, commands: [{prompt: 'host:~#', command: 'true'}]});
});
afterAll(() => rmSync(siteDir, {recursive: true}));

/** What a fence holds when the plugin has run. */
async function filled(meta: string, {lang = 'console', value = ''} = {}): Promise<string> {
  const node: Code = {type: 'code', lang, meta, value, position: {start: {line: 3, column: 1}, end: {line: 4, column: 1}}};
  const root: Root = {type: 'root', children: [node]};
  await remarkExperiments({siteDir})(root, new VFile({path: path.join(siteDir, 'docs/a.mdx')}));
  return node.value;
}

describe('remarkExperiments', () => {
  it('fills a fence with commands at their prompts, output, and exit statuses that are not 0', async () => {
    expect(await filled('of=01-name')).toBe('host:~# sheep bash\nsheep:~# hostname\nsheep\nsheep:~# false\n[exit status 1]');
  });

  it('takes some of the commands', async () => {
    expect(await filled('of=01-name commands=2')).toBe('sheep:~# hostname\nsheep');
    expect(await filled('of=01-name commands=1-2')).toBe('host:~# sheep bash\nsheep:~# hostname\nsheep');
  });

  it('leaves other fences as they are', async () => {
    expect(await filled('title="by hand"', {value: '$ true'})).toBe('$ true');
  });

  it.each([
    [
      'an unknown experiment',
      'of=01-nam',
      {},
      'there is no static/experiments/01-nam.json (did you mean “01-name”?); npm run record -- 01-nam makes it',
    ],
    ['a name that is a path', 'of=../x', {}, 'of=../x is not the name of an experiment'],
    ['another language', 'of=01-name', {lang: 'bash'}, 'write ```console of=01-name'],
    ['lines of its own', 'of=01-name', {value: '$ true'}, 'of=01-name fills the fence; remove the lines in it'],
    ['a range that is none', 'of=01-name commands=3-2', {}, 'commands=3-2 is not a range'],
    ['a range that is too long', 'of=01-name commands=2-4', {}, 'commands=2-4: 01-name has 3 commands'],
    ['a range of nothing', 'commands=1', {}, 'commands= means nothing without of='],
    ['a line that does not fit', 'of=01-wide', {}, 'a line of 01-wide is longer than 76 columns: xxx'],
    ['a result of another form', 'of=01-old', {}, 'static/experiments/01-old.json: commands.0.output'],
  ])('refuses %s', async (_, meta, fence, problem) => {
    await expect(filled(meta, fence)).rejects.toThrow(problem);
  });
});
