import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {parseArgs} from 'node:util';

import {writeAtomically} from '../../host/files.ts';
import {suggest} from '../../plugins/markdown/problems.ts';
import {parseCast} from '../../src/replay/format/index.ts';
import {formatCast} from './cast.ts';
import {compareCasts} from './check.ts';
import {localTransport} from './local.ts';
import {runExperimentScript} from './experiment.ts';
import {makeHomeFolder} from './homefolder.ts';
import {compareResults, formatResult, readResult, resultFile} from './results.ts';
import {allScripts, loadRecording, scriptFile, type Script} from './scripts.ts';
import {playSession, quickTime, realTime, type Time} from './session.ts';
import {environment} from './shell.ts';
import type {Terminal, Transport} from './transport.ts';
import {randomFrom} from './typing.ts';
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

/** The commit that is recorded, with a note when the code differs from it. */
function commit(): string {
  const git = (...args: string[]): string => {
    const {status, stdout, stderr} = spawnSync('git', args, {cwd: root, encoding: 'utf8'});
    if (status !== 0) throw new Error(`git ${args.join(' ')} fails: ${stderr}`);
    return stdout.trim();
  };
  const changed = git('status', '--porcelain', '--', 'code') !== '';
  return git('rev-parse', '--short=12', 'HEAD') + (changed ? '-dirty' : '');
}

/** Plays a script and returns the recording as the text of a cast. */
async function record(name: string, time: Time, transport: Transport, onTerminal: (terminal: Terminal) => void): Promise<string> {
  const recording = await loadRecording(root, name);
  const {title, cols, rows, steps} = recording;
  console.log(`${name}: ${steps.length} steps`);
  const home = makeHomeFolder(root, recording);
  try {
    const timestamp = Math.floor(Date.now() / 1000);
    const terminal = await transport.open({cols, rows, env: environment, home: home.folder});
    onTerminal(terminal);
    try {
      const events = await playSession({
        source: scriptFile(name),
        recording,
        terminal,
        random: randomFrom(name),
        time,
        onStep: ({type}, index) => console.log(`  ${index + 1}/${steps.length} ${JSON.stringify(type)}`),
      });
      const facts = {
        title,
        cols,
        rows,
        timestamp,
        tags: tagsOf(name),
        env: environment,
        kernel: await transport.kernel(),
        commit: commit(),
      };
      return formatCast(facts, events);
    } finally {
      await terminal.close();
    }
  } finally {
    home.remove();
  }
}

/** `01-first-container` belongs to chapter 1. */
function tagsOf(name: string): string[] {
  return [`chapter-${Number.parseInt(name, 10)}`];
}

/** @returns whether the recording went well and, with `check`, shows what the committed one shows */
async function recordOne(name: string, check: boolean, transport: Transport, onTerminal: (terminal: Terminal) => void): Promise<boolean> {
  const target = `static/recordings/${name}.cast`;
  const file = path.join(root, target);
  const text = await record(name, check ? quickTime : realTime, transport, onTerminal);
  const fresh = parseCast(text, target);
  if (!check) {
    writeAtomically(file, text);
    console.log(`  wrote ${target}: ${fresh.duration.toFixed(1)} s, ${(text.length / 1024).toFixed(1)} KB`);
    return true;
  }
  if (!existsSync(file)) {
    console.error(`  ${target} is missing. Make it: npm run record -- ${name}`);
    return false;
  }
  const difference = await compareCasts(parseCast(readFileSync(file), target), fresh);
  if (difference === null) {
    console.log(`  shows what ${target} shows`);
    return true;
  }
  console.error(`  differs from ${target}. If the new one is right: npm run record -- ${name}\n${difference}`);
  return false;
}

/** The same for an experiment. */
async function experimentOne(
  name: string,
  check: boolean,
  transport: Transport,
  onTerminal: (terminal: Terminal) => void,
): Promise<boolean> {
  const file = path.join(root, resultFile(name));
  const fresh = await runExperimentScript(root, name, transport, onTerminal);
  if (!check) {
    writeAtomically(file, formatResult(fresh));
    console.log(`  wrote ${resultFile(name)}: ${fresh.commands.length} commands`);
    return true;
  }
  const committed = readResult(root, name);
  if (committed === null) {
    console.error(`  ${resultFile(name)} is missing. Make it: npm run record -- ${name}`);
    return false;
  }
  const difference = compareResults(committed, fresh);
  if (difference === null) {
    console.log(`  shows what ${resultFile(name)} shows`);
    return true;
  }
  console.error(`  differs from ${resultFile(name)}. If the new one is right: npm run record -- ${name}\n${difference}`);
  return false;
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
    for (const {name, kind} of options.scripts) {
      const run = kind === 'recordings' ? recordOne : experimentOne;
      try {
        if (!(await run(name, options.check, transport, (terminal) => (open = terminal)))) failed.push(name);
      } catch (error) {
        if (interruption.signal.aborted) {
          console.error('Interrupted; nothing of this script was written.');
          return 130;
        }
        console.error(error instanceof Error ? error.message : error);
        failed.push(name);
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
