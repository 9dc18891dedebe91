import type {Shown} from '../../sessions/result.ts';
import type {Experiment} from '../../sessions/script.ts';
import {shellMarksIn} from '../../src/replay/format/index.ts';
import {playSession, quickTime} from './session.ts';
import {textOf} from './screen.ts';
import type {Terminal} from './transport.ts';
import {randomFrom} from './typing.ts';

/** The terminal of an experiment, in cells: as wide as what a page shows, and high enough that nothing pages. */
export const size = {cols: 80, rows: 50} as const;

/** Anything at all: whether the output is right is judged when it is known, without what was typed. */
const anything = /[^]/;

/** An experiment that did not show what it says. */
export class ExperimentError extends Error {
  override name = 'ExperimentError';
}

/**
 * Runs an experiment: types each command into a shell and waits until it is done.
 *
 * @param source path of the script, for errors
 * @throws ExperimentError for a command that printed something else, or ended with another status
 * @throws SessionError for a command that did not end in time
 */
export async function runExperiment(source: string, {title, commands}: Experiment, terminal: Terminal): Promise<Shown[]> {
  const events = await playSession({
    source,
    recording: {
      title,
      ...size,
      steps: commands.map(({run, timeout}, index) => ({
        type: run,
        expect: anything,
        caption: String(index + 1),
        ...(timeout === undefined ? {} : {timeout}),
      })),
    },
    terminal,
    random: randomFrom(source),
    time: quickTime,
  });
  const lines = commands.map(({run}) => run);
  const shown = await takeApart(source, events.map(({code, data}) => (code === 'o' ? data : '')).join(''), lines);
  commands.forEach(({run, expect, status = 0}, index) => {
    const {output, status: ended} = shown[index] ?? {output: '', status: null};
    const problem =
      expect === undefined && output !== ''
        ? 'prints something; say what with expect:'
        : expect !== undefined && !expect.test(output)
          ? `prints nothing that matches ${expect.toString()}`
          : ended !== null && ended !== status
            ? `ends with status ${ended}, not ${status}`
            : null;
    if (problem === null) return;
    const printed = output === '' ? 'It printed nothing.' : `It printed:\n${output.replace(/^/gm, '  ')}`;
    throw new ExperimentError(`${source}: commands.${index} (${run}): ${problem}. ${printed}`);
  });
  return shown;
}

/** What each command line showed, from the marks of the shell in all that a terminal printed. */
async function takeApart(source: string, output: string, lines: readonly string[]): Promise<Shown[]> {
  const marks = shellMarksIn(output);
  const shown: Omit<Shown, 'command'>[] = [];
  let prompt = '';
  for (const [index, {kind, end}] of marks.entries()) {
    const next = marks[index + 1];
    if (kind === 'A' && next?.kind === 'B') prompt = await plain(output.slice(end, next.start));
    if (kind !== 'C') continue;
    const status = next?.kind === 'D' ? Number(/;(\d+)/.exec(output.slice(next.start, next.end))?.[1] ?? 0) : null;
    shown.push({prompt, output: await plain(output.slice(end, next?.start)), status});
  }
  if (shown.length !== lines.length) {
    const problem = `${lines.length} lines were typed, and shells took ${shown.length} for commands`;
    throw new ExperimentError(`${source}: ${problem}. A line that another program reads, or a comment, cannot be shown.`);
  }
  return shown.map((each, index) => ({...each, command: lines[index] ?? ''}));
}

/** Output as plain text, lines without the blanks at their end. */
const plain = async (output: string): Promise<string> => (await textOf(output, size.cols, size.rows)).replace(/[ \t]+$/gm, '');
