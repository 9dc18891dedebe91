import {describe, expect, it} from 'vitest';

import {commandAt, firstAfter, frameTime, idleChoices, nextRate} from './actions.ts';
import {twoCommands} from './fake.ts';
import {actionOf, keyHelp} from './keymap.ts';

const {cast, index} = twoCommands;

describe('nextRate', () => {
  it('goes along the list and stops at its ends', () => {
    expect(nextRate(1, 1)).toBe(1.5);
    expect(nextRate(1, -1)).toBe(0.75);
    expect(nextRate(4, 1)).toBe(4);
    expect(nextRate(0.5, -1)).toBe(0.5);
  });
});

describe('idleChoices', () => {
  it('offers the limit that a recording brings, in order', () => {
    expect(idleChoices(3)).toEqual([0.5, 1, 2, 3, 5, Infinity]);
    expect(idleChoices(2)).toEqual([0.5, 1, 2, 5, Infinity]);
  });
});

describe('commandAt', () => {
  it('is the one being typed or run', () => {
    expect(commandAt(index, 0)?.text).toBe('hostname');
    expect(commandAt(index, 2.6)?.text).toBe('unshare --uts');
    expect(commandAt({commands: []}, 5)).toBeUndefined();
  });
});

describe('frameTime', () => {
  it('finds the frames around a moment', () => {
    expect(frameTime(cast, 2, 1)).toBe(2.5);
    expect(frameTime(cast, 2.2, 1)).toBe(2.5);
    expect(frameTime(cast, 2.5, -1)).toBe(2);
    expect(frameTime(cast, 2.6, -1)).toBe(2.5);
  });

  it('stops at both ends', () => {
    expect(frameTime(cast, 0, -1)).toBe(0);
    expect(frameTime(cast, 20, 1)).toBe(cast.duration);
  });

  it('passes over what changes no screen', () => {
    const events = [
      {time: 1, code: 'o', data: 'a'},
      {time: 2, code: 'i', data: 'b'},
      {time: 3, code: 'm', data: 'c'},
      {time: 4, code: 'r', data: '80x24'},
    ] as const;
    expect(frameTime({events, duration: 9}, 1, 1)).toBe(4);
    expect(frameTime({events, duration: 9}, 4, -1)).toBe(1);
  });
});

describe('firstAfter', () => {
  it('counts events of the same moment as past', () => {
    const events = [1, 2, 2, 3].map((time) => ({time, code: 'o', data: ''}) as const);
    expect([0, 1, 2, 3].map((time) => firstAfter(events, time))).toEqual([0, 1, 3, 4]);
  });
});

describe('actionOf', () => {
  const key = (name: string, modifiers: Partial<KeyboardEvent> = {}) =>
    actionOf({key: name, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...modifiers});

  it('knows the keys of asciinema-player', () => {
    expect(key(' ')).toEqual({type: 'toggle'});
    expect(key('ArrowLeft')).toEqual({type: 'seekBy', seconds: -5});
    expect(key('ArrowRight')).toEqual({type: 'seekBy', seconds: 5});
    expect(key('ArrowLeft', {shiftKey: true})).toEqual({type: 'seekByShare', share: -0.1});
    expect(key('[')).toEqual({type: 'previousStep'});
    expect(key(']')).toEqual({type: 'nextStep'});
    expect(key('0')).toEqual({type: 'seekToShare', share: 0});
    expect(key('9')).toEqual({type: 'seekToShare', share: 0.9});
    expect(key(',')).toEqual({type: 'frameBack'});
    expect(key('.')).toEqual({type: 'frameForward'});
    expect(key('f')).toEqual({type: 'fullScreen'});
    expect(key('?', {shiftKey: true})).toEqual({type: 'help'});
  });

  it('leaves the keys of the browser and of others alone', () => {
    for (const modifier of ['ctrlKey', 'altKey', 'metaKey'] as const) expect(key('f', {[modifier]: true})).toBeUndefined();
    for (const name of ['Tab', 'Enter', 'Escape', 'ArrowUp', 'ArrowDown', 'PageDown', 'a']) expect(key(name)).toBeUndefined();
  });

  it('has help for every key, and no help for keys that do nothing', () => {
    const keyOf: Record<string, string> = {
      Space: ' ',
      '←': 'ArrowLeft',
      '→': 'ArrowRight',
      'Shift ←': 'ArrowLeft',
      'Shift →': 'ArrowRight',
    };
    const helped = keyHelp.flatMap(({keys}) => keys).filter((name) => name !== '…');
    for (const name of helped) expect(key(keyOf[name] ?? name), name).toBeDefined();
    for (const name of ' [],.<>schl/f?') expect(helped.map((shown) => keyOf[shown] ?? shown)).toContain(name);
  });
});
