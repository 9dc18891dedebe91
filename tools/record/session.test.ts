import {describe, expect, it} from 'vitest';

import type {Recording, Step} from '../../sessions/script.ts';
import {playSession, type TakeEvent, type Time} from './session.ts';
import type {Terminal} from './transport.ts';
import {randomFrom} from './typing.ts';

const prompt = '\x1b]133;A\x07$ \x1b]133;B\x07';

/** A clock that moves only when somebody sleeps. */
function fakeTime(): Time {
  let now = 1000;
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
}

/** A terminal that echoes keys and answers a command line as `answer` says. */
function fakeTerminal(answer: (line: string, exit: (status: number) => void) => string, greeting = `set up\r\n${prompt}`) {
  let listener: (data: string) => void = () => {};
  let exitListener: (status: number) => void = () => {};
  let line = '';
  const written: string[] = [];
  const terminal: Terminal = {
    write(key) {
      written.push(key);
      if (key !== '\r') {
        line += key;
        listener(key);
        return;
      }
      const command = line;
      line = '';
      listener(`\r\n\x1b]133;C\x07${answer(command, (status) => exitListener(status))}`);
    },
    onData(call) {
      listener = call;
      if (greeting) call(greeting);
    },
    onExit: (call) => (exitListener = call),
    resize: () => {},
    close: () => Promise.resolve(),
  };
  return {terminal, written};
}

function play(steps: Step[], {terminal}: ReturnType<typeof fakeTerminal>, seed = 'test'): Promise<TakeEvent[]> {
  const recording: Recording = {title: 'A test', cols: 40, rows: 6, steps};
  return playSession({source: 'sessions/recordings/test.ts', recording, terminal, random: randomFrom(seed), time: fakeTime()});
}

const echo = (line: string): string => `${line.replace('echo ', '')}\r\n${prompt}`;
const hello: Step = {type: 'echo hi', expect: /^hi$/m, caption: 'It says hi.'};

describe('a session', () => {
  it('starts at the first prompt, at time 0, without what setting up printed', async () => {
    const [first] = await play([hello], fakeTerminal(echo));
    expect(first).toEqual({time: 0, code: 'o', data: prompt});
  });

  it('keeps every key and all output in order, with a marker before the first key', async () => {
    const events = await play([hello], fakeTerminal(echo));
    expect(events.slice(1).map(({code, data}) => [code, data])).toEqual([
      ['m', 'It says hi.'],
      ...Array.from('echo hi', (key) => ['o', key]),
      ['o', `\r\n\x1b]133;C\x07hi\r\n${prompt}`],
      ['o', ''],
    ]);
    const times = events.map(({time}) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('takes the same time for the same seed', async () => {
    const once = await play([hello, hello], fakeTerminal(echo));
    expect(await play([hello, hello], fakeTerminal(echo))).toEqual(once);
    expect(await play([hello, hello], fakeTerminal(echo), 'another')).not.toEqual(once);
  });

  it('marks only steps with a caption', async () => {
    const events = await play([hello, {type: 'echo ho', expect: /^ho$/m}], fakeTerminal(echo));
    expect(events.filter(({code}) => code === 'm')).toHaveLength(1);
  });

  it('presses no Enter where the step says so', async () => {
    const fake = fakeTerminal(echo);
    await play([{...hello, type: 'q', enter: false, prompt: false, expect: /q/}], fake);
    expect(fake.written).toEqual(['q']);
  });

  it('matches the text a person sees: without colours, with wrapped lines whole', async () => {
    const long = 'x'.repeat(60);
    const fake = fakeTerminal(() => `\x1b[31mre\x1b[1md\x1b[0m\r\n${long}\r\n${prompt}`);
    await play([{...hello, expect: new RegExp(`^red\n${long}$`, 'm')}], fake);
  });

  it('fails when the pattern does not come, saying script, step, pattern and time, with the screen', async () => {
    const fake = fakeTerminal(() => `no such thing\r\n${prompt}`);
    await expect(play([hello, {...hello, expect: /hi there/, timeout: 3}].slice(1), fake)).rejects.toThrow(
      [
        'sessions/recordings/test.ts: step 1 ("echo hi"): no match for /hi there/ within 3 s.',
        'The screen as it was:',
        `┌${'─'.repeat(40)}┐`,
        `│${'set up'.padEnd(40)}│`,
        `│${'$ echo hi'.padEnd(40)}│`,
        `│${'no such thing'.padEnd(40)}│`,
        `│${'$ '.padEnd(40)}│`,
      ].join('\n'),
    );
  });

  it('fails when the pattern comes but no prompt, unless none is wanted', async () => {
    const running = (): string => 'hi\r\n';
    await expect(play([hello], fakeTerminal(running))).rejects.toThrow('the pattern matched but no prompt came within 30 s.');
    await expect(play([{...hello, prompt: false}], fakeTerminal(running))).resolves.toBeTruthy();
  });

  it('fails at once when the shell ends', async () => {
    const fake = fakeTerminal((_, exit) => {
      exit(3);
      return '';
    });
    await expect(play([{...hello, timeout: 1e9}], fake)).rejects.toThrow('no match for /^hi$/m before the shell ended, with status 3.');
  });

  it('fails when there is no prompt to begin with, and shows why', async () => {
    await expect(play([hello], fakeTerminal(echo, 'mount: permission denied\r\n'))).rejects.toThrow(
      /at the start: no prompt came within 30 s\.\n.*\n.*\n│mount: permission denied/,
    );
  });

  it('answers programs that ask the terminal, as a terminal does', async () => {
    const fake = fakeTerminal(() => `\x1b[6nhi\r\n${prompt}`);
    await play([hello], fake);
    expect(fake.written.at(-1)).toBe('\x1b[3;1R');
  });
});
