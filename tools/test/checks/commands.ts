import path from 'node:path';
import {cacheFolder} from '../../../host/cache.ts';
import type {Check} from '../check.ts';
import {runPackage} from '../../../host/run.ts';
import {isProse} from './content.ts';

/** A linter that is a command of a package; its exit status is 0 when there is nothing to report. */
const command = (
  packageName: string,
  args: (fresh: boolean) => readonly string[],
  reads: Check['reads'],
  code: readonly string[] = [],
): Check => ({
  name: packageName,
  code: [import.meta.filename, ...code],
  reads,
  problems: async ({root, fresh}) => {
    const {status, output} = await runPackage(packageName, args(fresh), {cwd: root});
    return status === 0 ? null : output;
  },
});

/**
 * Arguments that have a linter keep its results by content, for the files that have not changed. Only those that look
 * at each file by itself are asked to: what ESLint says of a file depends on the types in others.
 */
const kept = (name: string, fresh: boolean): readonly string[] =>
  fresh ? [] : ['--cache', '--cache-strategy', 'content', '--cache-location', path.join(cacheFolder('lint'), name)];

/** Linters of files of every kind. */
export const commands: readonly Check[] = [
  command(
    'prettier',
    (fresh) => ['--check', '--log-level=warn', ...kept('prettier', fresh), '.'],
    () => true,
  ),
  command(
    'eslint',
    () => ['--max-warnings=0', '.'],
    (file) => /\.(tsx?|mts|mjs|json)$/.test(file),
    ['eslint.config.mjs'],
  ),
  command(
    'stylelint',
    () => ['--max-warnings=0', 'src/**/*.css'],
    (file) => /\.css$|^\.stylelintrc/.test(file),
  ),
  command(
    'markdownlint-cli2',
    () => [],
    (file) => isProse(file) || file.startsWith('.markdownlint'),
  ),
  command(
    'cspell',
    (fresh) => ['lint', '--no-progress', '--no-summary', '--dot', '--gitignore', ...kept('cspell', fresh)],
    () => true,
  ),
];
