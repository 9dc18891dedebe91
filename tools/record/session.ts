import {setTimeout} from 'node:timers/promises';

import type {Recording, Step} from '../../sessions/script.ts';
import {shellMarksIn} from '../../src/replay/format/index.ts';
import {createScreen, textOf} from './screen.ts';
import type {Terminal} from './transport.ts';
import {keystrokes, restFor, type Random} from './typing.ts';

/** What was recorded: output and markers, at their time in milliseconds since the first prompt. */
export type TakeEvent = {time: number; code: 'o' | 'm'; data: string};

/** Time, as a session needs it, in milliseconds; tests bring their own. */
export type Time = {
  now: () => number;
  /** Resolves after `ms`, or as soon as the signal says that nobody waits any more. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

/** The time of this machine. */
export const realTime: Time = {
  now: () => performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, {signal}).catch(() => undefined), // rejects when the signal comes
};

/** Real time with fast hands, for when nobody watches: what waits for output, and can be woken, waits as ever. */
export const quickTime: Time = {now: realTime.now, sleep: (ms, signal) => realTime.sleep(signal ? ms : ms / 50, signal)};

export type SessionOptions = {
  /** Name of the script, for errors. */
  source: string;
  recording: Recording;
  terminal: Terminal;
  random: Random;
  time: Time;
  /** Called before each step. */
  onStep?: (step: Step, index: number) => void;
};

/** Seconds: it only ends what hangs, and a busy machine is slow. */
const defaultTimeout = 30;
/** Seconds that the last screen stays. */
const hold = 1.5;

/** A script that did not go as it says. */
export class SessionError extends Error {
  override name = 'SessionError';

  /** @param screen rows of the terminal as they were */
  constructor(problem: string, screen: readonly string[], cols: number) {
    const line = '─'.repeat(cols);
    super(`${problem}\nThe screen as it was:\n┌${line}┐\n${screen.map((row) => `│${row.padEnd(cols)}│`).join('\n')}\n└${line}┘`);
  }
}

/**
 * Plays a script in a terminal: types each step as a person does, waits for what it expects, and keeps all output at the
 * time it came.
 *
 * @throws SessionError when a pattern or a prompt does not come in time, or the shell ends
 */
export async function playSession({source, recording, terminal, random, time, onStep}: SessionOptions): Promise<TakeEvent[]> {
  const {cols, rows, steps} = recording;
  const screen = createScreen(cols, rows, (data) => terminal.write(data));
  const events: TakeEvent[] = [];
  let output = '';
  let start = time.now();
  let wake = (): void => undefined;
  let exit: number | null = null;

  terminal.onData((data) => {
    void screen.write(data);
    output += data;
    events.push({time: time.now() - start, code: 'o', data});
    wake();
  });
  terminal.onExit((status) => {
    exit = status;
    wake();
  });

  /** Waits until `check` says that nothing is missing (null); else fails after `seconds` with what it says. */
  async function waitFor(where: string, seconds: number, check: () => Promise<string | null> | string | null): Promise<void> {
    const deadline = time.now() + seconds * 1000;
    for (;;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const missing = await check();
      if (missing === null) return;
      const left = deadline - time.now();
      if (exit !== null || left <= 0) {
        await screen.write(''); // until all before it is drawn
        const when = exit !== null ? `before the shell ended, with status ${exit}` : `within ${seconds} s`;
        throw new SessionError(`${source}: ${where}: ${missing} ${when}.`, screen.rows(), cols);
      }
      const done = new AbortController();
      await Promise.race([changed, time.sleep(left, done.signal)]);
      done.abort();
    }
  }

  try {
    await waitFor('at the start', defaultTimeout, () => (hasPrompt(output) ? null : 'no prompt came'));
    // What came before the first prompt belongs to setting up.
    const first = shellMarksIn(output).find(({kind}) => kind === 'A')?.start ?? 0;
    start = time.now();
    events.splice(0, events.length, {time: 0, code: 'o', data: output.slice(first)});

    let linesToRead = 0;
    for (const [index, step] of steps.entries()) {
      onStep?.(step, index);
      await time.sleep(1000 * (step.pause ?? restFor(linesToRead, random)));
      if (step.caption !== undefined) events.push({time: time.now() - start, code: 'm', data: step.caption});
      output = '';
      const typed = step.type + (step.enter === false ? '' : '\r');
      for (const {key, delay} of keystrokes(typed, random)) {
        await time.sleep(delay);
        terminal.write(key);
      }
      let text = '';
      await waitFor(`step ${index + 1} (${JSON.stringify(step.type)})`, step.timeout ?? defaultTimeout, async () => {
        text = await textOf(output, cols, rows);
        if (!step.expect.test(text)) return `no match for ${step.expect.toString()}`;
        return step.prompt === false || hasPrompt(output) ? null : 'the pattern matched but no prompt came';
      });
      linesToRead = text.split('\n').length;
    }
    await time.sleep(hold * 1000);
    events.push({time: time.now() - start, code: 'o', data: ''});
    return events;
  } finally {
    screen.dispose();
  }
}

/** Whether output ends in a prompt that waits: the last mark says that a command line starts. */
function hasPrompt(output: string): boolean {
  return shellMarksIn(output).at(-1)?.kind === 'B';
}
