import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {run} from '../../host/run.ts';
import {findGo} from '../test/programs.ts';

const root = path.resolve(import.meta.dirname, '../..');
const out = path.join(root, 'dist');
/** Processors that Sheep is tested on or built for; it runs on Linux alone. */
const architectures = ['amd64', 'arm64', '386'];

const help = `Usage: npm run release

Builds Sheep for Linux on ${architectures.join(', ')} into dist/, with the checksums in SHA256SUMS and the licence beside it. The binaries
are static, and the same source and Go give the same bytes. The exit status is 0 when all were built.
`;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(help);
    return;
  }
  const go = await findGo(root);
  if (go.program === null) throw new Error(`${go.why}: ${go.remedy}`);
  rmSync(out, {recursive: true, force: true});
  mkdirSync(out);
  const sums: string[] = [];
  for (const architecture of architectures) {
    const name = `sheep-linux-${architecture}`;
    const env = {...go.env, GOOS: 'linux', GOARCH: architecture, CGO_ENABLED: '0'};
    const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', path.join(out, name), './cmd/sheep'];
    const {status, output} = await run(go.program, args, {cwd: path.join(root, 'code'), env});
    if (status !== 0) throw new Error(`go ${args.join(' ')} for linux/${architecture} failed:\n${output}`);
    sums.push(
      `${createHash('sha256')
        .update(readFileSync(path.join(out, name)))
        .digest('hex')}  ${name}`,
    );
    console.log(`dist/${name}  ${(statSync(path.join(out, name)).size / 1e6).toFixed(1)} MB`);
  }
  // The form that sha256sum --check reads.
  writeFileSync(path.join(out, 'SHA256SUMS'), `${sums.join('\n')}\n`);
  writeFileSync(path.join(out, 'LICENSE'), readFileSync(path.join(root, 'LICENSE')));
}

main().catch((error: unknown) => {
  console.error(`npm run release: ${(error as Error).message}`);
  process.exitCode = 1;
});
