import {homeHash} from '../../record/homefolder.ts';
import {castFile, loadRecording, scriptFile, scriptNames} from '../../record/scripts.ts';
import {quickTime} from '../../record/session.ts';
import {differenceOf} from '../../record/take.ts';
import type {Transport} from '../../record/transport.ts';
import {vmTransport} from '../../record/vm.ts';
import {inputKey} from '../inputs.ts';
import {join, nothing, type Context, type Outcome} from '../stage.ts';
import {unlessUnchanged} from '../unchanged.ts';

/** What plays recordings again; tests pass their own. */
export type Player = {
  names: readonly string[];
  transport: (say: (line: string) => void) => Transport;
  /** Says what differs from the committed recording; null when nothing does. */
  difference: typeof differenceOf;
  /** Hash of what a session finds in its home folder. */
  home: (name: string) => Promise<string>;
  /** Folder of remembered passes; absent, the user's. */
  folder?: string;
};

/**
 * Plays every script again and compares what comes with the committed recording. One machine serves all, and none is
 * started when nothing has changed since they passed: script, recording, recorder, the programs and files that the
 * session finds, the machine.
 *
 * @param machine what sets the machine apart from others
 */
export async function playRecordings(context: Context, machine: readonly string[], player?: Player): Promise<Outcome> {
  const {root, go, fresh, progress} = context;
  const names = player?.names ?? scriptNames(root);
  if (go.program === null) {
    return {...nothing(), skips: [{count: names.length, what: 'recordings, to be played again', why: go.why, remedy: go.remedy}]};
  }
  const {
    transport: open,
    difference,
    home,
    folder,
  } = player ?? {
    transport: vmTransport,
    difference: differenceOf,
    home: async (name: string) => homeHash(root, await loadRecording(root, name), go),
  };
  let transport: Transport | undefined;
  const outcomes: Outcome[] = [];
  try {
    for (const name of names) {
      const key = async (): Promise<string> => {
        const code = [import.meta.filename, scriptFile(name)];
        return inputKey(root, {name: `recording ${name}`, code, data: [castFile(name)], facts: [...machine, await home(name)]});
      };
      const play = async (): Promise<Outcome> => {
        transport ??= open(progress);
        const problem = await difference(name, {root, time: quickTime, transport, go, say: progress}).catch((error: unknown) =>
          error instanceof Error ? error.message : String(error),
        );
        if (problem === null) return {...nothing(), passed: 1};
        return {...nothing(), failures: [{name: `recording ${name}`, output: problem}]};
      };
      try {
        outcomes.push(await unlessUnchanged(key, fresh, play, folder));
      } catch (error) {
        // A script that cannot be read, a program that does not build.
        outcomes.push({
          ...nothing(),
          failures: [{name: `recording ${name}`, output: error instanceof Error ? error.message : String(error)}],
        });
      }
    }
  } finally {
    await transport?.dispose();
  }
  return join(outcomes);
}
