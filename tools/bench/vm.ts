import {spawnSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {parseArgs} from 'node:util';
import type {CpioEntry} from '../../vm/cpio.ts';
import {memoryOf, repositoryEntries} from '../../vm/files.ts';
import type {Machine} from '../../vm/machine.ts';
import {prepare, startMachine, type StartOptions} from '../../vm/start.ts';
import type {Bench} from './main.ts';
import {table} from './table.ts';

const help = `Usage: npm run bench -- vm [options]

Measures the machine of npm run vm on a warm cache: start, a command, power off, and what files cost on the way in and
out. The first start, which builds the image, is not measured.

Options:
  --runs N   machines for each median (default 7)
  --help     show this
`;

const MEBIBYTE = 2 ** 20;
/** Size of the shared folder whose transport is measured. */
const SHARED = 64;

type Sample = {start: number; command: number; off: number};

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}

/** Runs a command that must succeed. */
async function must(machine: Machine, ...argv: string[]): Promise<void> {
  let output = '';
  const take = (bytes: Buffer): void => void (output += bytes.toString());
  const status = await machine.run({argv, cwd: '/'}, {stdout: take, stderr: take});
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with status ${status}: ${output}`);
}

/** Starts a machine, runs a command that does nothing, and powers off. */
async function once(options: StartOptions, inside?: (machine: Machine) => Promise<void>): Promise<Sample> {
  const ending = new AbortController();
  try {
    const prepared = await prepare(options);
    const [start, machine] = await timed(() => startMachine(prepared, {...options, signal: ending.signal}));
    const [command] = await timed(() => must(machine, 'true'));
    await inside?.(machine);
    const [off] = await timed(() => machine.off());
    return {start, command, off};
  } finally {
    ending.abort();
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const least = (values: readonly number[]): number => Math.min(...values);
const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(2);

async function main(args: readonly string[]): Promise<void> {
  const {values} = parseArgs({args: [...args], options: {runs: {type: 'string', default: '7'}, help: {type: 'boolean', short: 'h'}}});
  if (values.help) {
    console.log(help);
    return;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: give a whole number from 1 on`);

  const {image, accelerator} = await prepare({say: (line) => console.error(line)});
  await once({}); // Brings the image into the host's page cache.
  const repository = repositoryEntries();
  const file: CpioEntry = {type: 'file', path: 'file', mode: 0o644, data: randomBytes(SHARED * MEBIBYTE)};

  const bare: Sample[] = [];
  const withRepository: Sample[] = [];
  const withShare: Sample[] = [];
  const back: number[] = [];
  const forkExec: number[] = [];
  for (let turn = 0; turn < runs; turn++) {
    bare.push(
      await once({}, async (machine) => {
        const [hundred] = await timed(() => must(machine, 'sh', '-c', 'for i in $(seq 100); do /usr/bin/true; done'));
        forkExec.push(hundred / 100);
      }),
    );
    withRepository.push(await once({repository}));
    withShare.push(
      await once({memory: 1024, share: [file]}, async (machine) => {
        await must(machine, 'sh', '-c', 'cp /share/file /share/changed');
        const [milliseconds, archive] = await timed(() => machine.collect());
        if (archive.length < SHARED * MEBIBYTE) throw new Error(`only ${archive.length} bytes came back`);
        back.push(milliseconds);
      }),
    );
  }

  const starts = (samples: readonly Sample[]): number[] => samples.map(({start}) => start);
  const row = (name: string, times: readonly number[]): string[] => [name, seconds(median(times)), seconds(least(times))];
  const rate = (milliseconds: number): string => `${Math.round(SHARED / (milliseconds / 1000))} MiB/s`;
  const size = (memoryOf(repository) / MEBIBYTE).toFixed(1);
  console.log(`kernel ${image.release}, ${accelerator}, ${runs} runs\n`);
  console.log(
    table([
      ['seconds', 'median', 'least'],
      row('start to command, no files', starts(bare)),
      row(`start to command, with the repository (${repository.length} entries, ${size} MiB)`, starts(withRepository)),
      row(`start to command, with ${SHARED} MiB to share`, starts(withShare)),
      row(`${SHARED} MiB back from the shared folder`, back),
      row(
        'a command that does nothing',
        bare.map(({command}) => command),
      ),
      row(
        'power off',
        bare.map(({off}) => off),
      ),
      row(
        'start, command, power off, with the repository',
        withRepository.map(({start, command, off}) => start + command + off),
      ),
    ]),
  );
  const loop = 'for i in $(seq 100); do /usr/bin/true; done';
  const here = process.platform === 'linux' ? (await timed(() => Promise.resolve(spawnSync('bash', ['-c', loop]))))[0] / 100 : undefined;
  const into = median(starts(withShare)) - median(starts(bare));
  console.log(
    `\nfiles in: ${rate(into)}; files out: ${rate(median(back))}; fork and exec of true: ${median(forkExec).toFixed(1)} ms${here === undefined ? '' : ` (on this machine itself ${here.toFixed(1)} ms)`}`,
  );
}

/** Start, stop and sharing of the virtual machine. */
export const bench: Bench = {summary: 'start, power off and file sharing of the virtual machine', run: main};
