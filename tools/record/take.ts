import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';

import type {Result} from '../../sessions/result.ts';
import {parseCast} from '../../src/replay/format/index.ts';
import {hostArchitecture} from '../../vm/qemu.ts';
import {formatCast} from './cast.ts';
import {compareCasts} from './check.ts';
import {ExperimentError, runExperiment, size} from './experiment.ts';
import {makeHomeFolder, type Go} from './homefolder.ts';
import {formatResult, readResult, compareResults} from './results.ts';
import {loadExperiment, loadRecording, resultFile, scriptFile, type Script} from './scripts.ts';
import {playSession, type Time} from './session.ts';
import {environment} from './shell.ts';
import type {Terminal, Transport} from './transport.ts';
import {randomFrom} from './typing.ts';

/** What recording a session takes. */
export type Taking = {
  /** Root folder of the repository. */
  root: string;
  time: Time;
  transport: Transport;
  /** The Go that builds the programs; absent, the one in `PATH`. */
  go?: Go;
  /** Told, one line each, what is typed. */
  say: (line: string) => void;
  /** Gets the terminal, so that it can be closed from outside. */
  onTerminal?: (terminal: Terminal) => void;
};

/**
 * Plays a script and returns the recording as the text of a cast.
 *
 * @throws SessionError when what the script expects does not come
 */
export async function take(name: string, {root, time, transport, go, say, onTerminal}: Taking): Promise<string> {
  const recording = await loadRecording(root, name);
  const {title, cols, rows, steps} = recording;
  say(`${name}: ${steps.length} steps`);
  const home = makeHomeFolder(root, recording, go);
  try {
    const timestamp = Math.floor(Date.now() / 1000);
    const terminal = await transport.open({cols, rows, env: environment, home: home.folder});
    onTerminal?.(terminal);
    try {
      const events = await playSession({
        source: scriptFile(name),
        recording,
        terminal,
        random: randomFrom(name),
        time,
        onStep: ({type}, index) => say(`  ${index + 1}/${steps.length} ${JSON.stringify(type)}`),
      });
      const facts = {
        title,
        cols,
        rows,
        timestamp,
        tags: tagsOf(name),
        env: environment,
        kernel: await transport.kernel(),
        commit: commit(root),
      };
      return formatCast(facts, events);
    } finally {
      await terminal.close();
    }
  } finally {
    home.remove();
  }
}

/**
 * Runs the experiment of a script from its start to its end.
 *
 * @throws ExperimentError when it does not show what the script expects
 */
export async function takeExperiment(name: string, {root, transport, go, say, onTerminal}: Taking): Promise<Result> {
  const experiment = await loadExperiment(root, name);
  const {architecture = hostArchitecture()} = experiment;
  if (architecture !== hostArchitecture())
    throw new ExperimentError(
      `${scriptFile(name, 'experiments')}: it runs on ${architecture} alone; this machine is ${hostArchitecture()}`,
    );
  say(`${name}: ${experiment.commands.length} commands`);
  const home = makeHomeFolder(root, experiment, go);
  try {
    const terminal = await transport.open({...size, env: environment, home: home.folder, host: experiment.host ?? 'stage'});
    onTerminal?.(terminal);
    try {
      const commands = await runExperiment(scriptFile(name, 'experiments'), experiment, terminal);
      return {title: experiment.title, kernel: await transport.kernel(), date: new Date().toISOString().slice(0, 10), commands};
    } finally {
      await terminal.close();
    }
  } finally {
    home.remove();
  }
}

/** Runs a script and returns the text of the file that it makes. @throws Error as {@link take} and {@link takeExperiment} do */
export const make = async ({name, kind}: Script, taking: Taking): Promise<string> =>
  kind === 'recordings' ? take(name, taking) : formatResult(await takeExperiment(name, taking));

/**
 * Runs a script again and compares what comes with what is committed.
 *
 * @returns what differs and what to do about it; null when nothing does
 * @throws Error as {@link make} does
 */
export async function differenceOf(script: Script, taking: Taking): Promise<string | null> {
  const {name, kind} = script;
  const target = resultFile(name, kind);
  const file = path.join(taking.root, target);
  if (!existsSync(file)) return `${target} is missing. Make it: npm run record -- ${name}`;
  const difference = await (kind === 'recordings' ? differenceOfCasts(name, target, file, taking) : differenceOfResults(name, taking));
  return difference === null ? null : `differs from ${target}. If the new one is right: npm run record -- ${name}\n${difference}`;
}

async function differenceOfCasts(name: string, target: string, file: string, taking: Taking): Promise<string | null> {
  const fresh = parseCast(await take(name, taking), target);
  return compareCasts(parseCast(readFileSync(file), target), fresh);
}

async function differenceOfResults(name: string, taking: Taking): Promise<string | null> {
  const fresh = await takeExperiment(name, taking);
  return compareResults(readResult(taking.root, name), fresh);
}

/** `01-first-container` belongs to chapter 1. */
function tagsOf(name: string): string[] {
  return [`chapter-${Number.parseInt(name, 10)}`];
}

/** The commit that is recorded, with a note when the code differs from it. */
function commit(root: string): string {
  const git = (...args: string[]): string => {
    const {status, stdout, stderr} = spawnSync('git', args, {cwd: root, encoding: 'utf8'});
    if (status !== 0) throw new Error(`git ${args.join(' ')} fails: ${stderr}`);
    return stdout.trim();
  };
  const changed = git('status', '--porcelain', '--', 'code') !== '';
  return git('rev-parse', '--short=12', 'HEAD') + (changed ? '-dirty' : '');
}
