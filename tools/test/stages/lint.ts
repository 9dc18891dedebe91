import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {diagrams} from '../../diagrams/diagrams.ts';
import {checkContent} from '../../lint/content.ts';
import {format} from '../../../plugins/markdown/problems.ts';
import {run, runPackage} from '../../../host/run.ts';
import {join, nothing, type Context, type Failure, type Outcome, type Stage} from '../stage.ts';
import {contentKey, projectFiles, unlessUnchanged} from '../unchanged.ts';

/** One linter. */
type Check = {
  name: string;
  /** Files that it reads, out of all of the project's. */
  reads: (file: string) => boolean;
  /** Returns what is wrong, or null. */
  problems: (context: Context, files: readonly string[]) => Promise<string | null>;
};

/** A linter that is a command of a package, and is content when it exits with 0. */
const command = (packageName: string, args: string[], reads: Check['reads']): Check => ({
  name: packageName,
  reads,
  problems: async ({root}) => {
    const {status, output} = await runPackage(packageName, args, {cwd: root});
    return status === 0 ? null : output;
  },
});

const isProse = (file: string): boolean => /\.mdx?$/.test(file);

const checks: Check[] = [
  command('prettier', ['--check', '--log-level=warn', '.'], () => true),
  command('eslint', ['--max-warnings=0', '.'], (file) => /\.(tsx?|mts|mjs|json)$/.test(file)),
  command('stylelint', ['--max-warnings=0', 'src/**/*.css'], (file) => /\.css$|^\.stylelintrc/.test(file)),
  command('markdownlint-cli2', [], (file) => isProse(file) || file.startsWith('.markdownlint')),
  command('cspell', ['lint', '--no-progress', '--no-summary', '--dot', '--gitignore'], () => true),
  {
    name: 'content rules',
    reads: (file) => isProse(file) || file.startsWith('tools/lint/'),
    problems: async ({root}, files) => {
      const problems = files
        .filter(isProse)
        .flatMap((file) =>
          checkContent(file, readFileSync(path.join(root, file), 'utf8'), (target) => existsSync(path.join(root, target))),
        );
      return Promise.resolve(problems.length === 0 ? null : format(problems));
    },
  },
  {
    // The build misses a drawing that is not there; that one is there for nothing, only this finds.
    name: 'diagrams',
    reads: (file) =>
      isProse(file) || file.startsWith('static/diagrams/') || file.startsWith('plugins/diagrams/') || file === 'package-lock.json',
    problems: async ({root}) => {
      const {problems} = await diagrams({
        siteDir: root,
        check: true,
        render: () => Promise.reject(new Error('a check draws nothing')),
        log: () => undefined,
      });
      return problems.length === 0 ? null : format(problems);
    },
  },
];

const isGo = (file: string): boolean => /^code\/.*(\.go|go\.(mod|sum))$/.test(file);

/** The linters of Go come with it. */
const goChecks: Check[] = [
  {
    name: 'gofmt',
    reads: isGo,
    problems: async ({root, go}) => {
      if (!go.program) return null;
      // `go fmt` would write; the formatter itself lists. It is next to `go` in GOROOT, also with a fetched toolchain.
      const goroot = await run(go.program, ['env', 'GOROOT'], {cwd: path.join(root, 'code'), env: go.env});
      const {status, stdout, output} = await run(path.join(goroot.stdout.trim(), 'bin/gofmt'), ['-l', '.'], {cwd: path.join(root, 'code')});
      if (status !== 0) return output;
      return stdout.trim() ? `not formatted; run gofmt -w on:\n${stdout}` : null;
    },
  },
  {
    name: 'go vet',
    reads: isGo,
    problems: async ({root, go}) => {
      if (!go.program) return null;
      // Between them, every file is built: some tests are for this machine only, and some for the other.
      for (const tags of ['crashtest', 'vm,crashtest']) {
        const {status, output} = await run(go.program, ['vet', '-tags', tags, './...'], {
          cwd: path.join(root, 'code'),
          env: {...go.env, GOOS: 'linux'},
        });
        if (status !== 0) return output;
      }
      return null;
    },
  },
];

async function make(check: Check, context: Context, all: readonly string[]): Promise<Outcome> {
  const files = all.filter(check.reads);
  const key = await contentKey(
    context.root,
    [...new Set([...files, 'package-lock.json', 'tools/test/stages/lint.ts'])],
    check.name,
    context.go.program ? context.go.version : '',
  );
  return unlessUnchanged(key, context.fresh, async () => {
    context.progress(check.name);
    const problems = await check.problems(context, files);
    const failures: Failure[] = problems === null ? [] : [{name: check.name, output: problems}];
    return {...nothing(), passed: problems === null ? 1 : 0, failures};
  });
}

/** Style, mistakes, accessibility, spelling: all that can be told from reading the files. */
export const lint: Stage = {
  name: 'lint',
  summary: 'Prettier, ESLint, stylelint, markdownlint, rules for prose, spelling, gofmt, go vet',
  run: async (context) => {
    const files = projectFiles(context.root);
    const outcomes: Outcome[] = [];
    for (const check of checks) outcomes.push(await make(check, context, files));
    if (context.go.program !== null) {
      for (const check of goChecks) outcomes.push(await make(check, context, files));
    } else {
      outcomes.push({
        ...nothing(),
        skips: [{count: goChecks.length, what: 'gofmt and go vet', why: context.go.why, remedy: context.go.remedy}],
      });
    }
    return join(outcomes);
  },
};
