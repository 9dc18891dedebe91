import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {engines} from '../../host/engines.ts';
import {packageCommand, run} from '../../host/run.ts';

const root = path.resolve(import.meta.dirname, '../..');
const help = `Usage: npm run engines

Opens every kind of page of the built site, plays its recordings and searches, in Firefox ESR and in WebKitGTK. Run npm run build
first. On Debian as root, missing browsers are installed; elsewhere:

  apt-get install ${engines.flatMap(({packages}) => packages).join(' ')}

The exit status is 0 when all went well, and 1 when not or when a browser is missing.
`;

/** Installs what is missing where that can be done without asking anybody. */
async function install(): Promise<void> {
  const missing = engines.filter((engine) => !engine.found()).flatMap(({packages}) => packages);
  const isDebian = existsSync('/etc/debian_version') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  if (missing.length === 0 || process.getuid?.() !== 0 || !isDebian) return;
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'};
  console.warn(`apt-get install ${missing.join(' ')}`);
  await run('apt-get', ['update', '-qq'], {cwd: root, env});
  const {status, output} = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {cwd: root, env});
  if (status !== 0) throw new Error(`apt-get install ${missing.join(' ')} failed:\n${output.trim().split('\n').slice(-5).join('\n')}`);
}

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(help);
    return 0;
  }
  if (!existsSync(path.join(root, 'build/index.html'))) throw new Error('there is no built site; run: npm run build');
  await install();
  const vitest = packageCommand(root, 'vitest');
  const {status} = await run(process.execPath, [vitest, 'run', '--project', 'engines'], {cwd: root, onLine: (line) => console.log(line)});
  return status ?? 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm run engines: ${(error as Error).message}`);
  process.exitCode = 1;
}
