import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

import {describe, expect, it} from 'vitest';

import {parseCast} from '../../src/replay/format/index.ts';
import {stepTexts} from './check.ts';
import {variations} from './normalise.ts';
import {readResult} from './results.ts';
import {loadRecording, scriptFile, scriptNames} from './scripts.ts';

const root = path.resolve(import.meta.dirname, '../..');
const casts = path.join(root, 'static/recordings');
const names = scriptNames(root);
const castOf = (name: string) => parseCast(readFileSync(path.join(casts, `${name}.cast`)), `static/recordings/${name}.cast`);
const textOf = async (name: string): Promise<string> => (await stepTexts(castOf(name))).map(({text}) => text).join('\n');

// Quick checks that need no root. Whether a recording still comes out the same is for `npm run record -- --all --check`.
describe.each(names)('recording %s', (name) => {
  it('was made from its script as it is now', async () => {
    const script = await loadRecording(root, name);
    const {header, events} = castOf(name);
    expect(header).toMatchObject({title: script.title, cols: script.cols, rows: script.rows});
    expect(events.filter(({code}) => code === 'm').map(({data}) => data)).toEqual(script.steps.flatMap(({caption}) => caption ?? []));
    const text = await textOf(name);
    for (const {type} of script.steps) expect(text).toContain(`:~# ${type}\n`);
  });

  it('shows nothing of the machine it was made on', async () => {
    expect(await textOf(name)).not.toMatch(/\/home\/|\/Users\/|\/work\b|node_modules|sheep-record-/);
  });
});

describe('static/recordings', () => {
  it('holds no recording without a script', () => {
    const without = readdirSync(casts)
      .filter((file) => file.endsWith('.cast'))
      .filter((file) => !existsSync(path.join(root, scriptFile(path.basename(file, '.cast')))));
    expect(without).toEqual([]);
  });
});

describe('what --check leaves out', () => {
  it.each(variations.map((variation) => [variation.name, variation] as const))(
    '%s occurs in a recording or an experiment',
    async (_, variation) => {
      const shown = scriptNames(root, 'experiments').flatMap((name) => readResult(root, name).commands.map(({output}) => output));
      let text = [...(await Promise.all(names.map(textOf))), ...shown].join('\n');
      for (const {pattern, replacement} of variations.slice(0, variations.indexOf(variation))) text = text.replace(pattern, replacement);
      expect(text.match(variation.pattern)).not.toBeNull();
    },
  );
});
