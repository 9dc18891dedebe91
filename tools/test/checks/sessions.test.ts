import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, it} from 'vitest';
import type {Transport} from '../../record/transport.ts';
import type {Context} from '../stage.ts';
import {runScripts, type Player} from './sessions.ts';

const context: Context = {
  root: path.resolve(import.meta.dirname, '../../..'),
  chromium: null,
  go: {program: 'go', version: 'go1.26.0', env: {}},
  fresh: false,
  progress: () => undefined,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sessions-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

/** A player of a real recording and a real experiment that starts no machine, and what it was asked to do. */
function player(problems: Record<string, string> = {}): {player: Player; log: string[]; homes: Record<string, string>} {
  const log: string[] = [];
  const homes: Record<string, string> = {};
  const transport = (): Transport => {
    log.push('start');
    return {
      open: () => Promise.reject(new Error('no terminal here')),
      kernel: () => Promise.resolve('6.1.0'),
      dispose: () => {
        log.push('off');
        return Promise.resolve();
      },
    };
  };
  return {
    log,
    homes,
    player: {
      scripts: [
        {name: '01-first-container', kind: 'recordings'},
        {name: '01-2-pid', kind: 'experiments'},
      ],
      transport,
      difference: ({name}) => {
        log.push(name);
        const problem = problems[name];
        return problem?.startsWith('!') ? Promise.reject(new Error(problem.slice(1))) : Promise.resolve(problem ?? null);
      },
      home: ({name}) => Promise.resolve(homes[name] ?? 'as it was'),
      folder,
    },
  };
}

it('plays all in one machine, and none again that passed', async () => {
  const {player: both, log, homes} = player();
  expect(await runScripts(context, ['machine'], both)).toMatchObject({passed: 2, failures: [], skips: []});
  expect(log.splice(0)).toEqual(['start', '01-first-container', '01-2-pid', 'off']);

  expect(await runScripts(context, ['machine'], both)).toMatchObject({passed: 2, remembered: 2});
  expect(log.splice(0)).toEqual([]);

  homes['01-2-pid'] = 'built from other code';
  expect(await runScripts(context, ['machine'], both)).toMatchObject({passed: 2, remembered: 1});
  expect(log.splice(0)).toEqual(['start', '01-2-pid', 'off']);

  await runScripts(context, ['another machine'], both);
  expect(log.splice(0)).toEqual(['start', '01-first-container', '01-2-pid', 'off']);

  await runScripts({...context, fresh: true}, ['another machine'], both);
  expect(log).toEqual(['start', '01-first-container', '01-2-pid', 'off']);
});

it('reports what differs and what does not come, and tries that again', async () => {
  const {player: both, log} = player({'01-first-container': 'differs from it', '01-2-pid': '!the pattern did not come'});
  for (const turn of [1, 2]) {
    expect(await runScripts(context, ['machine'], both), `${turn}`).toMatchObject({
      passed: 0,
      failures: [
        {name: 'recording 01-first-container', output: 'differs from it'},
        {name: 'experiment 01-2-pid', output: 'the pattern did not come'},
      ],
    });
    expect(log.splice(0)).toEqual(['start', '01-first-container', '01-2-pid', 'off']);
  }
});

it('has each that failed made once more, in a machine of its own, and does not remember that it passed then', async () => {
  const problems: Record<string, string> = {'01-first-container': 'differs from it', '01-2-pid': '!the pattern did not come'};
  const {player: both, log} = player(problems);
  const {failures} = await runScripts(context, ['machine'], both);
  log.splice(0);
  delete problems['01-2-pid'];
  expect(await failures[0]?.again?.()).toMatchObject({passed: 0, failures: [{output: 'differs from it'}]});
  expect(await failures[1]?.again?.()).toMatchObject({passed: 1, failures: []});
  expect(log.splice(0)).toEqual(['start', '01-first-container', 'off', 'start', '01-2-pid', 'off']);
  await runScripts(context, ['machine'], both);
  expect(log).toEqual(['start', '01-first-container', '01-2-pid', 'off']);
});

it('skips all where there is no Go to build their programs', async () => {
  const go = {program: null, why: 'there is no Go on this machine', remedy: 'install Go'} as const;
  expect((await runScripts({...context, go}, [], player().player)).skips).toEqual([
    {count: 2, what: 'recordings and experiments, to be run again', why: go.why, remedy: go.remedy},
  ]);
});
