import {describe, expect, test} from 'vitest';
import type {Cast, CastEvent} from '../format/index.ts';
import {buildIndex, type Command} from './index.ts';

const osc = (mark: string): string => `\x1b]133;${mark}\x07`;

/** A recording with an event each second, from 1 on; a string is output, an object input. */
function castOf(parts: (string | {typed: string})[], cols = 40): Cast {
  const events = parts.map((part, i): CastEvent => {
    return typeof part === 'string' ? {time: i + 1, code: 'o', data: part} : {time: i + 1, code: 'i', data: part.typed};
  });
  return {header: {version: 3, cols, rows: 10}, events, duration: parts.length};
}

async function commandsOf(parts: (string | {typed: string})[], cols?: number): Promise<Command[]> {
  return (await buildIndex(castOf(parts, cols))).commands;
}

describe('With the marks of shell integration, a command', () => {
  test('has its prompt, line, output, exit status and times', async () => {
    const commands = await commandsOf([
      `${osc('A')}\x1b[1mhost\x1b[0m:~# ${osc('B')}`,
      'false',
      ` -x\r\n${osc('C')}`,
      'no such\r\nthing\r\n',
      `${osc('D;1')}${osc('A')}host:~# ${osc('B')}`,
      `true\r\n${osc('C')}${osc('D;0')}${osc('A')}host:~# ${osc('B')}`,
    ]);
    expect(commands).toEqual([
      {promptTime: 1, time: 3, end: 5, prompt: 'host:~#', text: 'false -x', output: 'no such\nthing', exit: 1},
      {promptTime: 5, time: 6, end: 6, prompt: 'host:~#', text: 'true', output: '', exit: 0},
    ]);
  });

  test('may erase all above from the last column of the last row', async () => {
    const [command] = await commandsOf(
      [`${osc('A')}$ ${osc('B')}`, `ls\r\n${osc('C')}`, 'gone\x1b[10Habcd\x1b[1J\x1b[?1J\x1b[Hx', osc('D')],
      4,
    );
    expect(command).toMatchObject({text: 'ls', output: 'x'});
  });

  test('is read as it stood on Enter, after all editing', async () => {
    const [command] = await commandsOf([
      `${osc('A')}$ ${osc('B')}`,
      'lss\b \b -l',
      '\x1b[3D\x1b[4hx\x1b[4l\x1b[3D\x1b[Kls -la',
      `\r\n${osc('C')}${osc('D')}`,
    ]);
    expect(command?.text).toBe('ls -la');
  });

  test('that the terminal wrapped is one line, and so is its output', async () => {
    const [command] = await commandsOf(
      [`${osc('A')}$ ${osc('B')}`, `echo ${'a'.repeat(30)}\r\n${osc('C')}`, `${'b'.repeat(30)}\r\n${osc('D;0')}`],
      20,
    );
    expect(command).toMatchObject({text: `echo ${'a'.repeat(30)}`, output: 'b'.repeat(30)});
  });

  test('leaves of a progress bar what it left on the screen', async () => {
    const [command] = await commandsOf([
      `${osc('A')}$ ${osc('B')}get\r\n${osc('C')}`,
      '10 %\r50 %\r100 %',
      `\x1b[K\r\ndone\r\n${osc('D;0')}`,
    ]);
    expect(command?.output).toBe('100 %\ndone');
  });

  test('leaves nothing of a full-screen program in its output', async () => {
    const [command] = await commandsOf([
      `${osc('A')}$ ${osc('B')}top\r\n${osc('C')}`,
      '\x1b[?1049h\x1b[Hload average',
      `\x1b[?1049l${osc('D;0')}`,
    ]);
    expect(command?.output).toBe('');
  });

  test('that is a full-screen program has the screens that could be read, each once, with their moments', async () => {
    const [command] = await commandsOf([
      `${osc('A')}$ ${osc('B')}top\r\n${osc('C')}`,
      '\x1b[?1049h\x1b[Hone\r\n  two',
      '\x1b[?25l',
      '\x1b[2J\x1b[Hthree',
      `\x1b[?1049lbye\r\n${osc('D;0')}`,
    ]);
    expect(command).toMatchObject({
      output: 'bye',
      screens: [
        {time: 2, text: 'one\n  two'},
        {time: 4, text: 'three'},
      ],
    });
  });

  test('that erased its screen has what could be read before', async () => {
    const [command, after] = await commandsOf([
      `${osc('A')}$ ${osc('B')}watch\r\n${osc('C')}`,
      '\x1b[H\x1b[2Jfirst',
      '\x1b[H\x1b[2Jsecond\r\n',
      `${osc('D;0')}${osc('A')}$ ${osc('B')}true\r\n${osc('C')}`,
      osc('D;0'),
    ]);
    expect(command).toMatchObject({output: 'second', screens: [{time: 2, text: 'first'}]});
    expect(after).not.toHaveProperty('screens');
  });

  test('that shows a thousand screens has a dozen, the first and the last among them', async () => {
    const screens = Array.from({length: 1000}, (_, i) => `\x1b[Hscreen ${i}`);
    const [command] = await commandsOf([`${osc('A')}$ ${osc('B')}top\r\n${osc('C')}\x1b[?1049h`, ...screens, `\x1b[?1049l${osc('D;0')}`]);
    expect(command?.screens?.length).toBe(12);
    expect([command?.screens?.[0]?.text, command?.screens?.[11]?.text]).toEqual(['screen 0', 'screen 999']);
  });

  test('that was empty is none', async () => {
    expect(await commandsOf([`${osc('A')}$ ${osc('B')}\r\n${osc('A')}$ ${osc('B')}`, `\r\n${osc('C')}${osc('D;0')}`])).toEqual([]);
  });

  test('still runs when the recording ends', async () => {
    expect(await commandsOf([`${osc('A')}$ ${osc('B')}sleep 9\r\n${osc('C')}`, 'zzz'])).toMatchObject([
      {text: 'sleep 9', output: 'zzz', end: 2},
    ]);
    expect((await commandsOf([`${osc('A')}$ ${osc('B')}sleep 9\r\n${osc('C')}`]))[0]).not.toHaveProperty('exit');
  });

  test('of a shell within a shell ends the one that started that shell', async () => {
    const commands = await commandsOf([
      `${osc('A')}$ ${osc('B')}bash\r\n${osc('C')}`,
      `${osc('A')}inner$ ${osc('B')}`,
      `id\r\n${osc('C')}root\r\n${osc('D;0')}`,
    ]);
    expect(commands).toMatchObject([
      {text: 'bash', prompt: '$', end: 2},
      {text: 'id', prompt: 'inner$', output: 'root'},
    ]);
  });

  test('is found where marks are cut into events', async () => {
    const all = `${osc('A')}$ ${osc('B')}ls\r\n${osc('C')}file\r\n${osc('D;0')}`;
    expect(await commandsOf(all.split(''))).toMatchObject([{text: 'ls', output: 'file', exit: 0}]);
  });

  test('with more output than anyone reads says how much is left out', async () => {
    const line = `${'x'.repeat(38)}\r\n`;
    const [command] = await commandsOf([
      `${osc('A')}$ ${osc('B')}yes\r\n${osc('C')}`,
      ...Array<string>(60).fill(line.repeat(200)),
      osc('D;0'),
    ]);
    expect(command?.output.length).toBeLessThan(270_000);
    expect(command?.output).toMatch(/\n\[217,856 more characters are in the recording\.\]$/);
  });
});

describe('With some of the marks, a command', () => {
  // As fish 4 marks them: A, C with the command line, and D.
  test('is the one that the shell says, at the prompt that it was shown at', async () => {
    const commands = await commandsOf([
      `${osc('A')}> `,
      'echo hi',
      `\r\n${osc('C;cmdline_url=echo%20hi')}`,
      `hi\r\n${osc('D;0')}`,
      `${osc('A')}> `,
      'f',
      '\b\x1b[Kfalse --sugges\x1b[8D',
      `\x1b[K\r\n${osc('C;cmdline_url=false')}${osc('D;1')}`,
    ]);
    expect(commands).toEqual([
      {promptTime: 1, time: 3, end: 4, prompt: '>', text: 'echo hi', output: 'hi', exit: 0},
      {promptTime: 5, time: 8, end: 8, prompt: '>', text: 'false', output: '', exit: 1},
    ]);
  });

  test('is what came after the first pause, where only its prompt is marked and nothing says it', async () => {
    const commands = await commandsOf([
      osc('A'),
      '~> ',
      'ls',
      `\r\n${osc('C')}file\r\n${osc('D;0')}${osc('A')}~> `,
      {typed: 'p'},
      `pwd\r\n${osc('C')}/root\r\n${osc('D;0')}`,
    ]);
    expect(commands).toMatchObject([
      {prompt: '~>', text: 'ls', output: 'file'},
      {prompt: '~>', text: 'pwd', output: '/root'},
    ]);
  });

  test('is parted from a prompt that came with it by the prompt before', async () => {
    const all = `${osc('A')}~> ls\r\n${osc('C')}file\r\n${osc('D')}`;
    expect(await commandsOf([`${osc('A')}~> `, `ls\r\n${osc('C')}file\r\n${osc('D')}`, all])).toMatchObject([
      {prompt: '~>', text: 'ls'},
      {prompt: '~>', text: 'ls'},
    ]);
  });

  test('without a mark of its output has the lines after its own', async () => {
    const commands = await commandsOf([
      `${osc('A')}$ ${osc('B')}`,
      'ls\r\n',
      `file\r\n${osc('D;0')}${osc('A')}$ ${osc('B')}`,
      `\r\n${osc('A')}$ ${osc('B')}`,
      `pwd\r\n/root\r\n${osc('A')}$ ${osc('B')}`,
    ]);
    expect(commands).toEqual([
      {promptTime: 1, time: 2, end: 3, prompt: '$', text: 'ls', output: 'file', exit: 0},
      {promptTime: 4, time: 5, end: 5, prompt: '$', text: 'pwd', output: '/root'},
    ]);
  });

  test('of several lines is whole, though further prompts are marked', async () => {
    const [command] = await commandsOf([
      `${osc('A')}$ ${osc('B')}for i in 1\r\n${osc('A;k=s')}> `,
      `do echo $i; done\r\n${osc('C')}1\r\n${osc('D;0')}`,
    ]);
    expect(command).toMatchObject({text: 'for i in 1\n> do echo $i; done', output: '1'});
  });

  test.each(['A', 'B', 'D;0'])('is read as without marks where there is no more than a stray %s', async (mark) => {
    expect(await commandsOf([`one${osc(mark)}\r\n`, 'two\r\n'])).toMatchObject([{text: '', output: 'one\ntwo'}]);
    const keyed = ['$ ', {typed: 'l'}, 'ls', {typed: '\r'}, `\r\nfile\r\n${osc(mark)}$ `, {typed: 'x'}];
    expect(await commandsOf(keyed)).toMatchObject([{text: 'ls', output: 'file'}]);
  });
});

describe('Without marks, from recorded key presses, a command', () => {
  test('is what appears from the first key to Enter', async () => {
    const commands = await commandsOf([
      'Welcome\r\nuser$ ',
      {typed: 'l'},
      'l',
      {typed: 's'},
      's',
      {typed: '\r'},
      '\r\nfile\r\nuser$ ',
      {typed: 'pwd\r'},
      'pwd\r\n/root\r\nuser$ ',
    ]);
    expect(commands).toMatchObject([{text: 'ls', output: 'file', prompt: 'user$', time: 6, end: 8}]);
  });

  test('does not tell a password that was not shown', async () => {
    const commands = await commandsOf([
      '$ ',
      {typed: 's'},
      'su',
      {typed: '\r'},
      '\r\nPassword: ',
      {typed: 'hunter2'},
      {typed: '\r'},
      '\r\n# ',
    ]);
    expect(JSON.stringify(commands)).not.toContain('hunter2');
    expect(commands).toMatchObject([{text: 'su'}]);
  });
});

test('Keys that a full-screen program takes are not a command line', async () => {
  const commands = await commandsOf([
    '$ ',
    {typed: 'vi\r'},
    'vi\r\n\x1b[?1049h\x1b[Hempty',
    {typed: ':q\r'},
    ':q\x1b[?1049l$ ',
    {typed: 'ls\r'},
    'ls\r\nfile\r\n$ ',
  ]);
  expect(commands.map(({text}) => text)).not.toContain(':q');
});

test('A full-screen program without marks and keys has its screens', async () => {
  expect(await commandsOf(['\x1b[?1049h\x1b[Hneedle', '\x1b[?1049l$ '])).toMatchObject([
    {text: '', output: '$', screens: [{time: 1, text: 'needle'}]},
  ]);
});

test('A marker shows the screen that it stands at, however short that was there', async () => {
  const cast = castOf([]);
  const events: CastEvent[] = [
    {time: 1, code: 'o', data: '\x1b[?1049h\x1b[Hbrief'},
    {time: 1.1, code: 'm', data: 'Here'},
    {time: 1.2, code: 'o', data: '\x1b[Hlater'},
    {time: 1.3, code: 'o', data: '\x1b[Hlatest'},
  ];
  const {commands} = await buildIndex({...cast, events, duration: 1.3});
  expect(commands[0]?.screens).toEqual([
    {time: 1, text: 'brief'},
    {time: 1.3, text: 'latest'},
  ]);
});

test('A recording with neither has its text as the output of one nameless command', async () => {
  expect(await commandsOf(['one\r\n', '\x1b[31mtwo\r\n'])).toEqual([{promptTime: 0, time: 0, end: 2, text: '', output: 'one\ntwo'}]);
});

test('Marks without end are cut off', async () => {
  const one = `${osc('A')}$ ${osc('B')}x\r\n${osc('C')}${osc('D;0')}`;
  expect((await commandsOf([one.repeat(1100)])).length).toBe(1000);
}, 30_000);
