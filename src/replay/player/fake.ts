import type {Engine, EngineState} from '../engine/index.ts';
import type {Step} from '../outline/index.ts';
import type {Recording} from './load.ts';

/** An engine for tests: it keeps its state and notes what it is told, and has no clock. */
export function fakeEngine(
  start: Partial<EngineState> = {},
  steps: Step[] = threeSteps,
): Engine & {calls: string[]; set(change: Partial<EngineState>): void} {
  let state: EngineState = {
    time: 0,
    duration: 48,
    playing: false,
    seeking: false,
    rate: 1,
    idleLimit: Infinity,
    stepMode: false,
    step: -1,
    ended: false,
    ...start,
  };
  const listeners = new Set<() => void>();
  const calls: string[] = [];
  const set = (change: Partial<EngineState>) => {
    state = {...state, ...change};
    for (const listener of listeners) listener();
  };
  const note = (call: string, change: Partial<EngineState> = {}) => {
    calls.push(call);
    set(change);
  };
  return {
    get state() {
      return state;
    },
    steps,
    calls,
    set,
    play: () => note('play', {playing: true}),
    pause: () => note('pause', {playing: false}),
    seek: (time) => note(`seek ${Number(time.toFixed(3))}`, {time, step: steps.findLastIndex((step) => step.time <= time)}),
    setRate: (rate) => note(`rate ${rate}`, {rate}),
    setIdleLimit: (idleLimit) => note(`idle ${idleLimit}`, {idleLimit}),
    setStepMode: (stepMode) => note(`stepMode ${stepMode}`, {stepMode}),
    nextStep: () => note('nextStep'),
    previousStep: () => note('previousStep'),
    setIndex: () => note('setIndex'),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose: () => note('dispose'),
  };
}

export const threeSteps: Step[] = [
  {time: 2, label: 'Print the host name'},
  {time: 12, label: 'Enter a new UTS namespace'},
  {time: 30, label: 'Look from outside'},
];

/** A recording of two commands, as the parser and the index would give it. */
export const twoCommands: Recording = {
  cast: {
    header: {version: 3, cols: 80, rows: 24, title: 'Two commands'},
    duration: 48,
    events: [
      {time: 0, code: 'o', data: '$ '},
      {time: 2, code: 'o', data: 'hostname\r\n'},
      {time: 2.5, code: 'o', data: '\x1b[1mmeadow\x1b[0m\r\n$ '},
      {time: 12, code: 'o', data: 'unshare --uts\r\n'},
      {time: 12.5, code: 'o', data: 'entered \x1b[3'},
      {time: 13, code: 'o', data: '2mMeadow\x1b[0m'},
      {time: 13.5, code: 'o', data: ' twice\r\n$ '},
    ],
  },
  index: {
    cols: 80,
    rows: 24,
    duration: 48,
    title: 'Two commands',
    commands: [
      {promptTime: 0, time: 2, end: 2.5, text: 'hostname', output: 'meadow', exit: 0},
      {promptTime: 2.5, time: 12, end: 13.5, text: 'unshare --uts', output: 'entered Meadow twice', exit: 0},
    ],
    markers: [],
    keyframes: [{time: 0, event: 0, cols: 80, rows: 24, screen: ''}],
  },
};
