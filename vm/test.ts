import {parseArgs} from 'node:util';
import {VmError} from './failure.ts';
import {runGoTests} from './go-tests.ts';
import {interruptions} from './interruptions.ts';
import {architectures} from './qemu.ts';

const help = `Test the Go module on a Linux kernel of its own.

  npm run test:vm -- [OPTIONS] [PACKAGE…]

Builds the tests of code/ with "go test -c", runs them all in one boot of the machine and reports
as "go test" does. Packages are written as for go: ./tests/machine, ./... (the default).

  --arch NAME        amd64 or arm64; default: as this machine
  --run REGEX        only the tests whose names match
  -v, --verbose      every test by name
  --json             one event a line, as "go test -json"
  --timeout SECONDS  for each package; default 600
  --help             this text

The exit status is 0 when all passed, 1 when a test failed, otherwise as "npm run vm -- --help" says.
`;

async function main(): Promise<void> {
  const interruption = interruptions();
  try {
    const {values, packages, timeout} = readOptions(process.argv.slice(2));
    if (values.help) {
      process.stdout.write(help);
      return;
    }
    const passed = await runGoTests({
      packages: packages.length > 0 ? packages : undefined,
      run: values.run,
      verbose: values.verbose,
      json: values.json,
      timeout,
      arch: values.arch,
      signal: interruption.signal,
      say: (line) => process.stderr.write(`vm: ${line}\n`),
      write: (text) => process.stdout.write(text),
    });
    process.exitCode = passed ? 0 : 1;
  } catch (error) {
    if (interruption.status === undefined && !(error instanceof VmError)) throw error;
    process.exitCode = interruption.status ?? (error as VmError).status;
    if (interruption.status === undefined) process.stderr.write(`vm: ${(error as VmError).message}\n`);
  }
}

function readOptions(args: string[]) {
  try {
    const {values, positionals} = parseArgs({
      args,
      allowPositionals: true,
      options: {
        arch: {type: 'string'},
        run: {type: 'string'},
        verbose: {type: 'boolean', short: 'v'},
        json: {type: 'boolean'},
        timeout: {type: 'string', default: '600'},
        help: {type: 'boolean', short: 'h'},
      },
    });
    const timeout = Number(values.timeout);
    if (!(timeout > 0)) throw new Error(`--timeout ${values.timeout}: seconds are needed`);
    if (values.arch !== undefined && !architectures.includes(values.arch)) {
      throw new Error(`--arch ${values.arch}: one of ${architectures.join(', ')} is needed`);
    }
    return {values, packages: positionals, timeout};
  } catch (error) {
    throw new VmError('usage', `${(error as Error).message}\nSee: npm run test:vm -- --help`);
  }
}

void main();
