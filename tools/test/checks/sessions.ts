import {homeHash} from '../../record/homefolder.ts';
import {allScripts, loadExperiment, loadRecording, resultFile, scriptFile, type Script} from '../../record/scripts.ts';
import {quickTime} from '../../record/session.ts';
import {differenceOf} from '../../record/take.ts';
import type {Transport} from '../../record/transport.ts';
import {vmTransport} from '../../record/vm.ts';
import {inputKey} from '../inputs.ts';
import {join, nothing, type Context, type Outcome} from '../stage.ts';
import {unlessUnchanged} from '../unchanged.ts';

/** What runs scripts again; tests pass their own. */
export type Player = {
  scripts: readonly Script[];
  transport: (say: (line: string) => void) => Transport;
  /** Says what differs from what is committed; null when nothing does. */
  difference: typeof differenceOf;
  /** Hash of what a session finds in its home folder. */
  home: (script: Script) => Promise<string>;
  /** Folder of remembered passes; absent, the user's. */
  folder?: string;
};

/**
 * Runs every script again and compares what comes with what is committed. One machine serves all, and none is
 * started when nothing has changed since they passed: script, result, recorder, the programs and files that the
 * session finds, the machine.
 *
 * @param machine what sets the machine apart from others
 */
export async function runScripts(context: Context, machine: readonly string[], player?: Player): Promise<Outcome> {
  const {root, go, fresh, progress} = context;
  const scripts = player?.scripts ?? allScripts(root);
  if (go.program === null) {
    return {
      ...nothing(),
      skips: [{count: scripts.length, what: 'recordings and experiments, to be run again', why: go.why, remedy: go.remedy}],
    };
  }
  const {
    transport: open,
    difference,
    home,
    folder,
  } = player ?? {
    transport: vmTransport,
    difference: differenceOf,
    home: async ({name, kind}: Script) =>
      homeHash(root, await (kind === 'recordings' ? loadRecording(root, name) : loadExperiment(root, name)), go),
  };
  let transport: Transport | undefined;
  const outcomes: Outcome[] = [];
  try {
    for (const script of scripts) {
      const {name, kind} = script;
      const what = `${kind.slice(0, -1)} ${name}`;
      const key = async (): Promise<string> => {
        const code = [import.meta.filename, scriptFile(name, kind)];
        return inputKey(root, {name: what, code, data: [resultFile(name, kind)], facts: [...machine, await home(script)]});
      };
      const play = async (on: Transport): Promise<Outcome> => {
        const problem = await difference(script, {root, time: quickTime, transport: on, go, say: progress}).catch((error: unknown) =>
          error instanceof Error ? error.message : String(error),
        );
        return problem === null ? {...nothing(), passed: 1} : {...nothing(), failures: [{name: what, output: problem, again}]};
      };
      const again = async (): Promise<Outcome> => {
        const own = open(progress);
        try {
          return await play(own);
        } finally {
          await own.dispose();
        }
      };
      try {
        outcomes.push(await unlessUnchanged(key, fresh, () => play((transport ??= open(progress))), folder));
      } catch (error) {
        // A script that cannot be read, a program that does not build.
        outcomes.push({
          ...nothing(),
          failures: [{name: what, output: error instanceof Error ? error.message : String(error)}],
        });
      }
    }
  } finally {
    await transport?.dispose();
  }
  return join(outcomes);
}
