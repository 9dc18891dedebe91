import path from 'node:path';
import {parseArgs} from 'node:util';

import {writeAtomically} from '../../host/files.ts';
import {suggest} from '../../plugins/markdown/problems.ts';
import {localTransport} from './local.ts';
import {allScripts, resultFile, type Script} from './scripts.ts';
import {quickTime, realTime} from './session.ts';
import {differenceOf, make, type Taking} from './take.ts';
import type {Terminal} from './transport.ts';
import {vmTransport} from './vm.ts';

const usage = `Runs the scripts in sessions/recordings/ and sessions/experiments/ and keeps what they show.

npm run record -- NAME...            runs sessions/recordings/NAME.ts and writes static/recordings/NAME.cast,
                                     or sessions/experiments/NAME.ts and writes static/experiments/NAME.json
npm run record -- --all              runs all
npm run record -- --check NAME...    runs them, writes nothing, and says what differs from what is committed
npm run record -- --check --all      the same for all

Both are real sessions: the keys are typed and the output comes from running programs. A script fails when what it
expects does not come. Sessions run in a virtual machine (npm run vm -- --doctor says what that needs); programs
are built here, which needs Go. With --check keys are typed fast, since nobody watches.

--native                             runs sessions on this machine instead: needs Linux, root and the commands that the
                                     scripts type`;

const root = path.resolve(import.meta.dirname, '../..');

/** A mistake in how the command was called. */
class UsageError extends Error {}

function parseArguments(args: string[]): {scripts: Script[]; check: boolean; native: boolean} | 'help' {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {all: {type: 'boolean'}, check: {type: 'boolean'}, native: {type: 'boolean'}, help: {type: 'boolean', short: 'h'}},
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const {values, positionals} = parsed;
  if (values.help) return 'help';
  const scripts = allScripts(root);
  const known = scripts.map(({name}) => name);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`no script has the name ${unknown}${suggest(unknown, known)}; there are: ${known.join(', ')}`);
  if (values.all && positionals.length > 0) throw new UsageError('--all takes no names');
  if (!values.all && positionals.length === 0) throw new UsageError(`which one? There are: ${known.join(', ')}. Or --all.`);
  const chosen = values.all ? scripts : scripts.filter(({name}) => positionals.includes(name));
  return {scripts: chosen, check: values.check ?? false, native: values.native ?? false};
}

/** @returns whether the script went well and, with `check`, shows what is committed */
async function runOne(script: Script, check: boolean, taking: Taking): Promise<boolean> {
  const target = resultFile(script.name, script.kind);
  if (!check) {
    const text = await make(script, taking);
    writeAtomically(path.join(root, target), text);
    console.log(`  wrote ${target}: ${(text.length / 1024).toFixed(1)} KB`);
    return true;
  }
  const problem = await differenceOf(script, taking);
  if (problem === null) console.log(`  shows what ${target} shows`);
  else console.error(problem.replace(/^/, '  '));
  return problem === null;
}

async function main(): Promise<number> {
  const options = parseArguments(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
    return 0;
  }
  const transport = options.native ? localTransport() : vmTransport((line) => console.log(line));
  let open: Terminal | null = null;
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Ending the shell makes the recording fail, and what follows cleans up.
    process.once(signal, () => {
      interruption.abort();
      void open?.close();
    });
  }
  const failed: string[] = [];
  try {
    for (const script of options.scripts) {
      try {
        const time = options.check ? quickTime : realTime;
        const taking: Taking = {root, time, transport, say: (line) => console.log(line), onTerminal: (terminal) => (open = terminal)};
        if (!(await runOne(script, options.check, taking))) failed.push(script.name);
      } catch (error) {
        if (interruption.signal.aborted) {
          console.error('Interrupted; nothing of this script was written.');
          return 130;
        }
        console.error(error instanceof Error ? error.message : error);
        failed.push(script.name);
      }
    }
  } finally {
    await transport.dispose();
  }
  if (failed.length > 0) console.error(`${failed.length} of ${options.scripts.length} failed: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof UsageError) console.error('\nnpm run record -- --help says more.');
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
