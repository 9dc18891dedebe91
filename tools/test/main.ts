import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {stageMinutes} from '../../budgets.ts';
import {inLanes} from './lanes.ts';
import {preparePrograms} from './programs.ts';
import {describeTimes, Reporter, timeWarnings, unsteadyWarnings, type Timed} from './report.ts';
import {closingLine, join, nothing, type Failure, type Outcome, type Stage} from './stage.ts';
import {build} from './stages/build.ts';
import {e2e} from './stages/e2e.ts';
import {go} from './stages/go.ts';
import {lint} from './stages/lint.ts';
import {sessions} from './stages/sessions.ts';
import {types} from './stages/types.ts';
import {unit} from './stages/unit.ts';
import {vm} from './stages/vm.ts';
import {forgetOld} from './unchanged.ts';
import {deservesSecondAttempts, makeSecondAttempts, mostSecondAttempts} from './unsteady.ts';

/**
 * All stages: the ones that find a mistake soonest come first, the longest last. One lane takes them from the front, the
 * other from the end, so with every cache empty the machine's own tests and Go's take as long as all the others.
 */
const stages: readonly Stage[] = [types, lint, unit, build, e2e, sessions, go, vm];

/**
 * Stages that run beside each other, on two processors or more. A third would gain little: Go and vitest use several
 * processors themselves, and the virtual machine takes one for as long as it runs.
 */
const lanes = Math.min(2, os.availableParallelism());

const help = `Usage: npm test -- [options]

Makes every check of the project and ends with "N passed, M failed, K skipped". A check that
passed before is not made again until something that it depends on has changed.
When at most ${mostSecondAttempts} tests failed, each is made once more, alone, when all stages have ended. One that
passes then counts as passed, and is named as unsteady: it is to be mended.
The exit status is 0 when nothing failed, 1 when something did, 2 when the options are wrong.

Stages, of which two run at a time:
${stages.map(({name, summary}) => `  ${name.padEnd(8)}${summary}`).join('\n')}

Options:
  --only STAGE[,STAGE]  make just these stages
  --fresh               make every check, whether or not it is known to pass
  --once                make no test that failed a second time, to find out which are unsteady
  --no-install          install nothing (on Debian as root, missing programs that checks need are installed)
  --help                show this
`;

/** Reads the command line. @throws Error saying what is wrong with it */
export function readOptions(args: string[]): {
  help: boolean;
  stages: readonly Stage[];
  fresh: boolean;
  once: boolean;
  install: boolean;
} {
  const {values} = parseArgs({
    args,
    options: {
      only: {type: 'string', multiple: true, default: []},
      fresh: {type: 'boolean', default: false},
      once: {type: 'boolean', default: false},
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
    once: values.once,
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
  const started = performance.now();
  let built = true;
  const make = async (stage: Stage): Promise<Timed> => {
    const done = reporter.start(stage.name);
    let outcome: Outcome;
    if (stage === e2e && !built) {
      outcome = {...nothing(), skips: [{count: 1, what: 'all tests of the built site', why: 'the build failed'}]};
    } else {
      try {
        const progress = (text: string): void => reporter.progress(stage.name, text);
        outcome = await stage.run({root, chromium, go: toolchain, fresh: options.fresh, progress});
      } catch (error) {
        const output = String(error instanceof Error ? error.stack : error);
        outcome = {...nothing(), failures: [{name: `${stage.name} could not be run`, output}]};
      }
    }
    if (stage === build && outcome.passed === 0) built = false;
    return {stage: stage.name, seconds: done(outcome), outcome};
  };
  const timed = await inLanes(options.stages, lanes, make);
  forgetOld();
  let total = join(timed.map(({outcome}) => outcome));
  let unsteady: Failure[] = [];
  if (!options.once && deservesSecondAttempts(total)) {
    const done = reporter.start('again');
    const second = await makeSecondAttempts(total, (text) => reporter.progress('again', text));
    timed.push({stage: 'again', seconds: done(second.outcome), outcome: second.outcome});
    ({total, unsteady} = second);
  }
  reporter.summary(total, describeTimes(timed, stageMinutes, (performance.now() - started) / 1000), unsteady);
  if (process.env.CI) for (const warning of [...timeWarnings(timed, stageMinutes), ...unsteadyWarnings(unsteady)]) console.log(warning);
  console.log(closingLine(total));
  process.exitCode = total.failures.length === 0 ? 0 : 1;
}

if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) void main();
