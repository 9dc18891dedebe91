import path from 'node:path';
import {parseArgs} from 'node:util';
import {preparePrograms} from './programs.ts';
import {Reporter} from './report.ts';
import {closingLine, join, type Outcome, type Stage} from './stage.ts';
import {build} from './stages/build.ts';
import {e2e} from './stages/e2e.ts';
import {go} from './stages/go.ts';
import {lint} from './stages/lint.ts';
import {types} from './stages/types.ts';
import {unit} from './stages/unit.ts';
import {vm} from './stages/vm.ts';

/** All stages, in the order in which a mistake is found soonest. */
const stages: readonly Stage[] = [types, lint, unit, go, build, e2e, vm];

const help = `Usage: npm test -- [options]

Makes every check of the project and ends with "N passed, M failed, K skipped".
The exit status is 0 when nothing failed, 1 when something did, 2 when the options are wrong.

Stages, in order:
${stages.map(({name, summary}) => `  ${name.padEnd(8)}${summary}`).join('\n')}

Options:
  --only STAGE[,STAGE]  make just these stages
  --fresh               make checks again whose files have not changed since they passed
  --no-install          install no missing program (on Debian as root, Chromium, Go and QEMU are installed)
  --help                show this
`;

/** Reads the command line. @throws Error saying what is wrong with it */
export function readOptions(args: string[]): {help: boolean; stages: readonly Stage[]; fresh: boolean; install: boolean} {
  const {values} = parseArgs({
    args,
    options: {
      only: {type: 'string', multiple: true, default: []},
      fresh: {type: 'boolean', default: false},
      'no-install': {type: 'boolean', default: false},
      help: {type: 'boolean', short: 'h', default: false},
    },
  });
  const names = values.only.flatMap((value) => value.split(',')).filter(Boolean);
  const unknown = names.find((name) => !stages.some((stage) => stage.name === name));
  if (unknown) throw new Error(`--only ${unknown}: no such stage; there are ${stages.map(({name}) => name).join(', ')}`);
  return {
    help: values.help,
    stages: names.length === 0 ? stages : stages.filter(({name}) => names.includes(name)),
    fresh: values.fresh,
    install: !values['no-install'],
  };
}

async function main(): Promise<void> {
  let options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`npm test: ${(error as Error).message}\nnpm test -- --help lists the options.`);
    process.exitCode = 2;
    return;
  }
  if (options.help) {
    console.log(help);
    return;
  }
  const root = path.resolve(import.meta.dirname, '../..');
  const reporter = new Reporter(process.stdout);
  const {chromium, go: toolchain} = await preparePrograms(root, options.install, (line) => console.log(line));
  const outcomes: Outcome[] = [];
  let built = true;
  for (const stage of options.stages) {
    const done = reporter.start(stage.name);
    let outcome: Outcome;
    if (stage === e2e && !built) {
      outcome = {passed: 0, failures: [], skips: [{count: 1, what: 'all tests of the built site', why: 'the build failed'}], notes: []};
    } else {
      try {
        outcome = await stage.run({root, chromium, go: toolchain, fresh: options.fresh, progress: (text) => reporter.progress(text)});
      } catch (error) {
        outcome = {
          passed: 0,
          failures: [{name: `${stage.name} could not be run`, output: String(error instanceof Error ? error.stack : error)}],
          skips: [],
          notes: [],
        };
      }
    }
    if (stage === build && outcome.passed === 0) built = false;
    done(outcome);
    outcomes.push(outcome);
  }
  const total = join(outcomes);
  reporter.summary(total);
  console.log(closingLine(total));
  process.exitCode = total.failures.length === 0 ? 0 : 1;
}

if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) void main();
