import path from 'node:path';
import type {Check} from '../check.ts';
import {run} from '../../../host/run.ts';
import type {Context} from '../stage.ts';

const isGo = (file: string): boolean => /^code\/.*(\.go|go\.(mod|sum))$/.test(file);

/** The linters come with Go: its version is theirs. */
const facts = ({go}: Context): string[] => [go.program ? go.version : ''];

/** What Go says of the files of the module, with their paths from the root of the repository. */
export const fromRoot = (output: string): string => output.replace(/^((?:vet: )?)(?:\.\/)?([^\s:/]\S*\.go:\d+)/gm, '$1code/$2');

/** Linters of Go. */
export const goChecks: readonly Check[] = [
  {
    name: 'gofmt',
    code: [import.meta.filename],
    reads: isGo,
    facts,
    problems: async ({root, go}) => {
      if (!go.program) return null;
      // `go fmt` would write; the formatter itself lists. It is next to `go` in GOROOT, also with a fetched toolchain.
      const goroot = await run(go.program, ['env', 'GOROOT'], {cwd: path.join(root, 'code'), env: go.env});
      const {status, stdout, output} = await run(path.join(goroot.stdout.trim(), 'bin/gofmt'), ['-l', '.'], {cwd: path.join(root, 'code')});
      if (status !== 0) return output;
      const files = stdout.trim().split('\n').filter(Boolean);
      return files.length === 0 ? null : files.map((file) => `code/${file}: not formatted; run gofmt -w code/${file}`).join('\n');
    },
  },
  {
    name: 'go vet',
    code: [import.meta.filename],
    reads: isGo,
    facts,
    problems: async ({root, go}) => {
      if (!go.program) return null;
      // Between them, every file is built: some tests are for this machine only, and some for the virtual one.
      for (const tags of ['crashtest', 'vm,crashtest']) {
        const {status, output} = await run(go.program, ['vet', '-tags', tags, './...'], {
          cwd: path.join(root, 'code'),
          // As the tests are built, so that what is compiled for the one is there for the other.
          env: {...go.env, GOOS: 'linux', CGO_ENABLED: '0'},
        });
        if (status !== 0) return `${fromRoot(output)}\nMend what it names; to see it again: cd code && go vet -tags ${tags} ./...`;
      }
      return null;
    },
  },
];
