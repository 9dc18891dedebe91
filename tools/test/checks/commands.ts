import path from 'node:path';
import {cacheFolder} from '../../../host/cache.ts';
import {runPackage} from '../../../host/run.ts';
import {format} from '../../../plugins/markdown/problems.ts';
import type {Check} from '../check.ts';
import type {FileCheck} from '../file-check.ts';
import {typedClosures} from '../typed-closure.ts';
import {isProse} from './content.ts';

type Arguments = {
  /** Of every run. */
  always?: readonly string[];
  /** To look at all files. */
  all: readonly string[];
  /** To look at the files that are named after them. */
  some?: readonly string[];
};

/** A linter that is a command of a package; its exit status is 0 when there is nothing to report. */
const command = (
  packageName: string,
  {always = [], all, some = []}: Arguments,
  {reads, decides, remedy, names}: Pick<FileCheck, 'reads' | 'decides'> & {remedy?: string; names?: RegExp},
): FileCheck => ({
  name: packageName,
  code: [import.meta.filename],
  reads,
  decides,
  problems: async ({root}, files) => {
    const args = [...always, ...(files === null ? all : [...some, ...files])];
    const {status, output} = await runPackage(packageName, args, {cwd: root});
    if (status === 0) return {found: null};
    const failed = new Set(names ? Array.from(output.matchAll(names), ([, file = '']) => file) : []);
    return {found: `${output.trimEnd()}\n${remedy ?? ''}`.trimEnd(), ...(failed.size > 0 ? {failed} : {})};
  },
});

/** What ESLint's formatter `json` says of a file: the part that is used here. */
type LintResult = {filePath: string; messages: readonly {line?: number; ruleId: string | null; message: string}[]};

const isTypeScript = (file: string): boolean => /\.(?:tsx?|mts)$/.test(file);

/**
 * What ESLint says of a file depends on the types that it imports, so its own cache, by content, would keep a pass too
 * long: each file is kept with all that decides its types.
 */
const eslint: FileCheck = {
  name: 'eslint',
  code: [import.meta.filename, 'eslint.config.mjs'],
  reads: isTypeScript,
  decides: (file) => /^(?:tsconfig\.json|eslint\.config\.mjs)$/.test(file),
  others: ({root}, files) =>
    typedClosures(
      root,
      files.filter((file) => isTypeScript(file) || file.endsWith('.json')),
    ),
  problems: async ({root}, files) => {
    const args = ['--max-warnings=0', '--format=json', ...(files === null ? ['.'] : ['--no-warn-ignored', ...files])];
    const {status, stdout, output} = await runPackage('eslint', args, {cwd: root});
    let results: LintResult[];
    try {
      results = JSON.parse(stdout) as LintResult[];
    } catch {
      return {found: output}; // ESLint itself failed.
    }
    const problems = results.flatMap(({filePath, messages}) =>
      messages.map(({line = 1, ruleId, message}) => ({
        file: path.relative(root, filePath).split(path.sep).join('/'),
        line,
        message: ruleId === null ? message : `${message} (${ruleId})`,
      })),
    );
    if (problems.length === 0 && status !== 0) return {found: output};
    return {found: problems.length === 0 ? null : format(problems), failed: new Set(problems.map(({file}) => file))};
  },
};

/** Linters of files of every kind. Each but ESLint looks at a file by itself. */
export const commands: readonly FileCheck[] = [
  command(
    'prettier',
    {always: ['--check', '--log-level=warn'], all: ['.'], some: ['--ignore-unknown']},
    {
      // It leaves out by itself what .prettierignore names and what it does not know.
      reads: () => true,
      decides: (file) => /^(?:\.prettier|\.editorconfig$|\.gitignore$)/.test(file),
      remedy: 'Run npm run format.',
      // A file that is laid out otherwise, or one that cannot be read.
      names: /^\[(?:warn|error)\] (\S+\.\w+)(?=$|:)/gm,
    },
  ),
  eslint,
  command(
    'stylelint',
    {always: ['--max-warnings=0'], all: ['src/**/*.css']},
    {reads: (file) => /^src\/.*\.css$/.test(file), decides: (file) => file.startsWith('.stylelintrc')},
  ),
  command('markdownlint-cli2', {all: [], some: ['--no-globs']}, {reads: isProse, decides: (file) => file.startsWith('.markdownlint')}),
];

/**
 * Spelling. Which files it reads is in cspell.config.yaml, and names on its command line would override that; so it keeps
 * its own results, by content and dictionaries.
 */
export const spelling: Check = {
  name: 'cspell',
  code: [import.meta.filename],
  reads: () => true,
  problems: async ({root, fresh}) => {
    const kept = fresh ? [] : ['--cache', '--cache-strategy', 'content', '--cache-location', path.join(cacheFolder('lint'), 'cspell')];
    const {status, output} = await runPackage('cspell', ['lint', '--no-progress', '--no-summary', '--dot', '--gitignore', ...kept], {
      cwd: root,
    });
    const remedy = 'Mend the spelling, or add a word that is right to tools/lint/words.txt, in its place in the alphabet.';
    return status === 0 ? null : `${output.replaceAll(`${root}${path.sep}`, '').trimEnd()}\n${remedy}`;
  },
};
