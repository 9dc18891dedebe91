import path from 'node:path';
import {ESLint, Linter} from 'eslint';
import tseslint from 'typescript-eslint';
import {describe, expect, it} from 'vitest';

const cwd = path.resolve(import.meta.dirname, '../..');
const eslint = new ESLint({cwd});
const laws = ['no-restricted-imports', 'no-restricted-syntax', 'no-restricted-globals'];

/** What the laws of the repository's own configuration say of a text, as if it were that file. Types are not looked at. */
async function check(file: string, text: string): Promise<string[]> {
  const {rules = {}} = (await eslint.calculateConfigForFile(path.join(cwd, file))) as Linter.Config;
  const kept = Object.fromEntries(Object.entries(rules).filter(([name]) => laws.includes(name)));
  const config = {files: ['**/*.{ts,tsx}'], languageOptions: {parser: tseslint.parser}, rules: kept} as Linter.Config;
  return new Linter({cwd})
    .verify(text, [config], {filename: path.join(cwd, file)})
    .map(({ruleId, message}) => `${ruleId ?? ''}: ${message}`);
}

/** Each arrow that must not be: a file and what it must not import. */
const broken: readonly (readonly [file: string, specifier: string])[] = [
  ['host/made-up.ts', '../tools/record/cast.ts'],
  ['host/made-up.ts', '../vm/start.ts'],
  ['vm/made-up.ts', '../tools/record/vm.ts'],
  ['vm/image/made-up.ts', '../../plugins/markdown/meta.ts'],
  ['plugins/diagrams/made-up.ts', '../../tools/diagrams/diagrams.ts'],
  ['plugins/diagrams/made-up.ts', '../../vm/start.ts'],
  ['plugins/recordings/made-up.ts', '../../src/replay/player/index.ts'],
  ['plugins/recordings/made-up.ts', '../../src/components/Replay/index.tsx'],
  ['sessions/recordings/made-up.ts', '../../tools/record/cast.ts'],
  ['sessions/made-up.ts', '../host/run.ts'],
  ['tools/bench/made-up.ts', '../../e2e/site.ts'],
  ['src/terminal/made-up.ts', '../replay/format/index.ts'],
  ['src/terminal/made-up.ts', '../lab/panel.ts'],
  ['src/lab/panel/made-up.ts', '../../replay/player/index.ts'],
  ['src/reader/made-up.ts', '../components/Quiz'],
  ['src/replay/format/made-up.ts', '../outline/index.ts'],
  ['src/replay/outline/made-up.ts', '../engine/index.ts'],
  ['src/replay/engine/made-up.ts', '../player/index.ts'],
  ['src/replay/figure/made-up.tsx', '../player/index.ts'],
  ['src/replay/player/made-up.tsx', '@site/src/components/Replay'],
  ['src/explorers/scheduler/model.ts', '../../components/Quiz'],
  ['src/components/Made/index.tsx', '@site/src/site/Search'],
  ['src/components/Made/index.tsx', '../../lab/panel'],
];

const allowed: readonly (readonly [file: string, specifier: string])[] = [
  ['vm/image/made-up.ts', '../../host/cache.ts'],
  ['plugins/recordings/made-up.ts', '../../src/replay/outline/index.ts'],
  ['plugins/recordings/made-up.ts', '../../src/data/series.ts'],
  ['plugins/recordings/made-up.ts', '../markdown/problems.ts'],
  ['tools/diagrams/made-up.ts', '../../plugins/diagrams/source.ts'],
  ['sessions/recordings/made-up.ts', '../script.ts'],
  ['src/replay/player/made-up.tsx', '../figure/index.ts'],
  ['src/replay/outline/made-up.ts', '../../terminal/rows.ts'],
  ['src/components/Made/index.tsx', '../../replay/player/index.ts'],
  ['src/components/Made/index.tsx', '@site/src/components/StaticHtml'],
];

describe('the one way that dependencies run', () => {
  it.each(broken)('keeps %s from importing %s', async (file, specifier) => {
    for (const text of [`import {a} from '${specifier}';`, `import type {A} from '${specifier}';`, `export * from '${specifier}';`])
      expect(await check(file, text)).toEqual([expect.stringMatching(/^no-restricted-imports: .*\(eslint\.config\.mjs, laws\)\.$/)]);
    expect(await check(file, `void import('${specifier}');`)).toEqual([expect.stringMatching(/^no-restricted-syntax: .*laws\)\.$/)]);
  });

  it.each(allowed)('lets %s import %s', async (file, specifier) => {
    expect(await check(file, `import {a} from '${specifier}';`)).toEqual([]);
    expect(await check(file, `void import('${specifier}');`)).toEqual([]);
  });

  it.each(['src/replay/format/a.ts', 'src/replay/outline/a.ts', 'src/replay/engine/a.ts', 'src/explorers/scheduler/model.ts'])(
    'keeps React and the DOM out of %s',
    async (file) => {
      expect(await check(file, `import {useState} from 'react';`)).toEqual([expect.stringContaining('knows no React')]);
      expect(await check(file, `document.title = window.name;`)).toHaveLength(2);
    },
  );

  it('still refuses code from strings where a law is added', async () => {
    expect(await check('src/replay/engine/a.ts', `eval('1');`)).toHaveLength(1);
  });
});
