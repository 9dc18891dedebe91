import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

import {describe, expect, it} from 'vitest';

import {documentFolders, findFiles} from '../../plugins/markdown/documents.ts';
import {resultsFolder} from '../../sessions/result.ts';
import type {Experiment} from '../../sessions/script.ts';
import {runExperiment} from './experiment.ts';
import {compareResults, readResult} from './results.ts';
import {loadExperiment, scriptNames} from './scripts.ts';
import type {Terminal} from './transport.ts';

const root = path.resolve(import.meta.dirname, '../..');
const names = scriptNames(root, 'experiments');

// Quick checks that need no machine. Whether an experiment still shows the same is for `npm run record -- --all --check`.
describe.each(names)('experiment %s', (name) => {
  it('was run as its script is now', async () => {
    const {title, commands} = await loadExperiment(root, name);
    const result = readResult(root, name);
    expect(result.title, `npm run record -- ${name}`).toBe(title);
    expect(result.commands.map(({command}) => command)).toEqual(commands.map(({run}) => run));
    for (const [index, {expect: pattern, status = 0}] of commands.entries()) {
      const shown = result.commands[index];
      if (pattern) expect(shown?.output).toMatch(pattern);
      else expect(shown?.output).toBe('');
      expect([status, null]).toContain(shown?.status);
    }
  });

  it('is shown on a page', async () => {
    const texts = [];
    for (const folder of documentFolders) {
      for (const file of await findFiles(path.join(root, folder), (each) => /\.mdx?$/.test(each))) texts.push(readFileSync(file, 'utf8'));
    }
    expect(texts.some((text) => new RegExp(`\\bof="?${name}\\b`).test(text))).toBe(true);
  });

  it('shows nothing of the machine it was run on', () => {
    expect(JSON.stringify(readResult(root, name))).not.toMatch(/\/home\/|\/Users\/|\/work\b|node_modules|sheep-record-/);
  });
});

describe('static/experiments', () => {
  it('holds no result without a script', () => {
    const results = readdirSync(path.join(root, resultsFolder)).map((file) => path.basename(file, '.json'));
    expect(results.sort()).toEqual(names);
  });
});

/** A terminal whose shell answers each command line as `answer` says: what is printed, and the status, or null for a shell within it. */
function fakeTerminal(answer: (line: string) => {output: string; status: number | null}): Terminal {
  const prompt = '\x1b]133;A\x07host:~# \x1b]133;B\x07';
  let listener: (data: string) => void = () => {};
  let line = '';
  return {
    write(key) {
      if (key !== '\r') {
        line += key;
        listener(key);
        return;
      }
      const {output, status} = answer(line);
      line = '';
      listener(`\r\n\x1b]133;C\x07${output}${status === null ? '' : `\x1b]133;D;${status}\x07`}${prompt}`);
    },
    onData(call) {
      listener = call;
      call(prompt);
    },
    onExit: () => {},
    resize: () => {},
    close: () => Promise.resolve(),
  };
}

describe('runExperiment', () => {
  const run = (commands: Experiment['commands'], output: string, status: number | null = 0) =>
    runExperiment(
      'sessions/experiments/x.ts',
      {title: 'x', commands},
      fakeTerminal(() => ({output, status})),
    );

  it('keeps prompt, command, output without trailing blanks, and status', async () => {
    expect(await run([{run: 'ls', expect: /^a$/m, status: 3}], 'a  \r\nb\r\n', 3)).toEqual([
      {prompt: 'host:~#', command: 'ls', output: 'a\nb', status: 3},
    ]);
  });

  it('knows no status of a shell that has not ended', async () => {
    expect((await run([{run: 'bash'}], '', null))[0]?.status).toBeNull();
  });

  it('does not take what was typed for output', async () => {
    await expect(run([{run: 'echo a', expect: /a/}], '')).rejects.toThrow(
      'commands.0 (echo a): prints nothing that matches /a/. It printed nothing.',
    );
  });

  it('fails on output that nobody expects, and on another status', async () => {
    await expect(run([{run: 'true'}], 'a\r\n')).rejects.toThrow('prints something; say what with expect:. It printed:\n  a');
    await expect(run([{run: 'true'}], '', 2)).rejects.toThrow('ends with status 2, not 0');
  });

  it('fails on a line that no shell takes for a command', async () => {
    const terminal = fakeTerminal(() => ({output: '', status: 0}));
    const unmarked: Terminal = {
      ...terminal,
      onData: (call) => terminal.onData((data) => call(data.replaceAll('\x1b]133;C\x07', ''))),
    };
    const ran = runExperiment('x.ts', {title: 'x', commands: [{run: 'true'}]}, unmarked);
    await expect(ran).rejects.toThrow('1 lines were typed, and shells took 0 for commands');
  });
});

describe('compareResults', () => {
  const result = {title: 'x', kernel: '6.1', date: '2026-06-01', commands: [{prompt: '$', command: 'echo $$', output: '17', status: 0}]};

  it('leaves out what always varies', () => {
    expect(
      compareResults(result, {...result, kernel: '6.2', commands: [{prompt: '$', command: 'echo $$', output: '18', status: 0}]}),
    ).toBeNull();
  });

  it('shows what differs', () => {
    expect(compareResults(result, {...result, commands: [{prompt: '$', command: 'echo $$', output: '1', status: 1}]})).toMatch(
      /-PID\n\+1\n\+exit status 1/,
    );
  });
});
