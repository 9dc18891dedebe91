import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, copyFileSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import os from 'node:os';
import path from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const {complaint} = createRequire(import.meta.url)('./node-version.cjs') as {
  complaint: (version: string, range: string, program: string) => string | null;
};
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  engines: {node: string};
  scripts: Record<string, string>;
};

describe('complaint', () => {
  it.each(['v20.19.0', 'v20.20.2', 'v22.0.0', 'v24.1.0', 'v100.0.0'])('has nothing against %s', (version) => {
    expect(complaint(version, '>=20.19', '/bin/node')).toBeNull();
  });

  it.each(['v0.10.48', 'v9.9.9', 'v12.22.12', 'v18.20.4', 'v20.18.3'])('names what is needed, and %s', (version) => {
    expect(complaint(version, '>=20.19', '/usr/bin/node')).toMatch(
      new RegExp(`^Node\\.js 20\\.19 or newer is needed\\. This is ${version.slice(1)} \\(/usr/bin/node\\)\\.\\nInstall a newer one `),
    );
  });
});

describe('every entry', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'node-version-'));
  afterAll(() => rmSync(folder, {recursive: true}));

  it('looks at the version first', () => {
    for (const [name, script] of Object.entries(manifest.scripts)) {
      expect(script, name).toMatch(/^node host\/(start\.cjs \S+\.ts\b|node-version\.cjs && )/);
    }
  });

  // The files as they are, beside a package.json that asks for a Node.js that does not exist yet.
  it.each(['start.cjs', 'node-version.cjs'])('ends with a sentence, not a stack trace: %s', (file) => {
    mkdirSync(path.join(folder, 'host'), {recursive: true});
    for (const name of ['start.cjs', 'node-version.cjs']) {
      copyFileSync(path.join(import.meta.dirname, name), path.join(folder, 'host', name));
    }
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({engines: {node: '>=999.5'}}));
    const {status, stdout, stderr} = spawnSync(process.execPath, [path.join('host', file), 'main.ts'], {cwd: folder, encoding: 'utf8'});
    expect({status, stdout}).toEqual({status: 1, stdout: ''});
    expect(stderr.split('\n')).toEqual([
      `Node.js 999.5 or newer is needed. This is ${process.versions.node} (${process.execPath}).`,
      'Install a newer one from https://nodejs.org/en/download, then do this again in a new terminal.',
      '',
    ]);
  });

  it('says how to install packages that are missing', () => {
    mkdirSync(path.join(folder, 'host'), {recursive: true});
    for (const name of ['start.cjs', 'node-version.cjs']) {
      copyFileSync(path.join(import.meta.dirname, name), path.join(folder, 'host', name));
    }
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({engines: {node: manifest.engines.node}}));
    const {status, stderr} = spawnSync(process.execPath, ['host/start.cjs', 'main.ts'], {cwd: folder, encoding: 'utf8'});
    expect({status, stderr}).toEqual({status: 1, stderr: "The project's packages are not installed. Install them: npm ci\n"});
  });
});

describe('the version that is asked for', () => {
  it('is the same wherever it is written', () => {
    const oldest = manifest.engines.node.replace('>=', '');
    expect(readFileSync(path.join(root, '.nvmrc'), 'utf8')).toBe(`${oldest}.0\n`);
    for (const file of ['README.md', 'docs/setup.mdx', '.ci/run']) {
      expect(readFileSync(path.join(root, file), 'utf8'), file).toMatch(new RegExp(`\\b${oldest.replace('.', '\\.')} or newer`));
    }
    expect(readFileSync(path.join(root, '.npmrc'), 'utf8')).toMatch(/^engine-strict=true$/m);
  });
});
