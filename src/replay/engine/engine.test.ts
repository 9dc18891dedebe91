import {beforeEach, describe, expect, test} from 'vitest';
import type {Cast, CastEvent} from '../format/index.ts';
import type {Keyframe, ReplayIndex} from '../outline/types.ts';
import {FakeClock} from '../testing/clock.ts';
import {createEngine, type Engine, type Screen} from './index.ts';

/** A screen that notes what it is told and takes it in when the test says so, or at once. */
class FakeScreen implements Screen {
  log: string[] = [];
  slow = false;
  private waiting: (() => void)[] = [];

  write(data: string, done?: () => void): void {
    this.log.push(data.replace('\x1b[m\x1b[?25h', '<clean>'));
    if (!this.slow) done?.();
    else if (done) this.waiting.push(done);
  }
  reset(): void {
    this.log.push('reset');
  }
  resize(cols: number, rows: number): void {
    this.log.push(`${cols}x${rows}`);
  }
  takeIn(): void {
    for (const done of this.waiting.splice(0)) done();
  }
  read(): string[] {
    return this.log.splice(0);
  }
}

const output = (time: number, data: string): CastEvent => ({time, code: 'o', data});
const marker = (time: number, data: string): CastEvent => ({time, code: 'm', data});

function castOf(events: CastEvent[], idleTimeLimit?: number): Cast {
  return {header: {version: 3, cols: 80, rows: 24, idleTimeLimit}, events, duration: events.at(-1)?.time ?? 0};
}

const abc = castOf([output(1, 'a'), output(2, 'b'), output(3, 'c'), output(4, 'd')]);

function indexOf(cast: Cast, keyframes: Keyframe[]): ReplayIndex {
  const {cols, rows} = cast.header;
  return {
    cols,
    rows,
    duration: cast.duration,
    title: '',
    commands: [],
    markers: [],
    keyframes: [{time: 0, event: 0, cols, rows, screen: ''}, ...keyframes],
  };
}
const keyframe = (time: number, event: number, screen: string): Keyframe => ({time, event, cols: 80, rows: 24, screen});

let clock: FakeClock;
let screen: FakeScreen;
beforeEach(() => {
  clock = new FakeClock();
  screen = new FakeScreen();
});
const engineOf = (cast: Cast, index?: ReplayIndex): Engine => createEngine({cast, index, screen, clock});

describe('Playing', () => {
  test('draws nothing and waits for nothing before it is asked to', () => {
    engineOf(abc);
    clock.pass(10_000);
    expect(screen.read()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('writes each event at its time and ends with the last', () => {
    const engine = engineOf(abc);
    engine.play();
    expect(screen.read()).toEqual(['80x24', 'reset', '<clean>']);
    clock.pass(999);
    expect(screen.read()).toEqual([]);
    clock.pass(1);
    expect(screen.read()).toEqual(['a']);
    clock.pass(1500);
    expect(screen.read()).toEqual(['b']);
    expect(engine.state).toMatchObject({playing: true, ended: false});
    clock.pass(10_000);
    expect(screen.read()).toEqual(['c', 'd']);
    expect(engine.state).toMatchObject({time: 4, playing: false, ended: true});
    expect(clock.pending).toBe(0);
  });

  test('from the end starts over', () => {
    const engine = engineOf(abc);
    engine.seek(4);
    screen.read();
    engine.play();
    expect(engine.state).toMatchObject({time: 0, playing: true, ended: false});
    expect(screen.read()).toEqual(['80x24', 'reset', '<clean>']);
  });

  test('goes on from where it paused', () => {
    const engine = engineOf(abc);
    engine.play();
    clock.pass(1500);
    engine.pause();
    expect(engine.state).toMatchObject({time: 1.5, playing: false});
    clock.pass(60_000);
    engine.play();
    screen.read();
    clock.pass(499);
    expect(screen.read()).toEqual([]);
    clock.pass(1);
    expect(screen.read()).toEqual(['b']);
  });

  test('writes what happens within a frame at once', () => {
    const engine = engineOf(castOf(Array.from({length: 100}, (_, i) => output(1 + i / 1000, String.fromCharCode(0x21 + (i % 90))))));
    engine.play();
    screen.read();
    clock.pass(2000);
    const writes = screen.read();
    expect(writes.join('')).toHaveLength(100);
    expect(writes.length).toBeLessThan(10);
  });

  test('tells its time at least ten times a second, also when nothing happens', () => {
    const engine = engineOf(castOf([output(0, 'a'), output(60, 'b')]));
    const times: number[] = [];
    engine.subscribe(() => times.push(engine.state.time));
    engine.play();
    clock.pass(5000);
    expect(times.filter((time) => time > 0).length).toBeGreaterThanOrEqual(50);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('does not hand over more while the screen is busy, and then all at once', () => {
    const engine = engineOf(abc);
    engine.play();
    screen.slow = true;
    clock.pass(1000);
    expect(screen.read()).toEqual(['80x24', 'reset', '<clean>', 'a']);
    clock.pass(2000);
    expect(screen.read()).toEqual([]);
    screen.takeIn();
    expect(screen.read()).toEqual(['bc']);
  });

  test('resizes between what came before and what comes after', () => {
    const engine = engineOf(castOf([output(1, 'a'), {time: 1, code: 'r', data: '100x30'}, output(1, 'b')]));
    engine.seek(1);
    expect(screen.read()).toEqual(['80x24', 'reset', '<clean>a', '100x30', 'b']);
  });

  test('keeps from the page what the recording should not tell it', () => {
    const engine = engineOf(castOf([output(1, 'a\x1b]52;c;'), output(2, 'eA==\x07b\x1b[8;1;1t')]));
    engine.seek(2);
    expect(screen.read()).toEqual(['80x24', 'reset', '<clean>ab']);
  });

  test('a thousand resizes do not end in too much recursion', () => {
    const engine = engineOf(castOf(Array.from({length: 50_000}, (_, i) => ({time: i, code: 'r' as const, data: `${2 + (i % 7)}x5`}))));
    engine.seek(50_000);
    expect(screen.read()).toHaveLength(50_000 + 3);
  });
});

describe('Speed', () => {
  test('changes while playing, from that moment on', () => {
    const engine = engineOf(abc);
    engine.play();
    clock.pass(1000);
    engine.setRate(2);
    screen.read();
    clock.pass(499);
    expect(screen.read()).toEqual([]);
    clock.pass(1);
    expect(screen.read()).toEqual(['b']);
    engine.setRate(0.5);
    clock.pass(1999);
    expect(screen.read()).toEqual([]);
    clock.pass(1);
    expect(screen.read()).toEqual(['c']);
  });

  test.each([0, -1, NaN, Infinity])('cannot be %s', (rate) => {
    expect(() => engineOf(abc).setRate(rate)).toThrow(RangeError);
  });
});

describe('The idle limit', () => {
  const pause = castOf([output(1, 'a'), output(101, 'b')]);

  test('cuts pauses short while the time told stays that of the recording', () => {
    const engine = engineOf(pause);
    engine.setIdleLimit(2);
    engine.play();
    clock.pass(2000);
    expect(engine.state.time).toBeCloseTo(51);
    clock.pass(1000);
    expect(engine.state).toMatchObject({time: 101, ended: true});
    expect(screen.read().at(-1)).toBe('b');
  });

  test('comes from the recording unless the reader says otherwise', () => {
    expect(engineOf(castOf([output(100, 'a')], 3)).state.idleLimit).toBe(3);
    expect(engineOf(castOf([output(100, 'a')])).state.idleLimit).toBe(Infinity);
  });

  test('changes within a pause without a jump', () => {
    const engine = engineOf(pause);
    engine.play();
    clock.pass(51_000);
    engine.setIdleLimit(2);
    expect(engine.state.time).toBeCloseTo(51);
    clock.pass(990);
    expect(engine.state.time).toBeLessThan(101);
    clock.pass(20);
    expect(engine.state.ended).toBe(true);
  });

  test('does not count key presses, which nobody sees, as something that happens', () => {
    const engine = engineOf(castOf([output(0, 'a'), {time: 50, code: 'i', data: 'x'}, output(100, 'b')], 1));
    engine.play();
    clock.pass(1000);
    expect(engine.state.ended).toBe(true);
  });

  test.each([0, -1, NaN])('cannot be %s', (limit) => {
    expect(() => engineOf(abc).setIdleLimit(limit)).toThrow(RangeError);
  });
});

describe('Seeking', () => {
  const frames = indexOf(abc, [keyframe(2, 2, 'AB'), keyframe(3, 3, 'ABC')]);

  test('back restores the keyframe before and replays the rest', () => {
    const engine = engineOf(abc, frames);
    engine.seek(4);
    expect(screen.read()).toEqual(['80x24', 'reset', 'ABCd']);
    engine.seek(2.5);
    expect(screen.read()).toEqual(['80x24', 'reset', 'AB']);
    engine.seek(1);
    expect(screen.read()).toEqual(['80x24', 'reset', '<clean>a']);
  });

  test('forward goes on from here when no keyframe is nearer', () => {
    const engine = engineOf(abc, frames);
    engine.seek(1);
    screen.read();
    engine.seek(1.5);
    expect(screen.read()).toEqual([]);
    engine.seek(2);
    expect(screen.read()).toEqual(['80x24', 'reset', 'AB']);
  });

  test('includes what happens at that very moment', () => {
    const engine = engineOf(castOf([output(1, 'a'), output(1, 'b'), output(1.000001, 'c')]));
    engine.seek(1);
    expect(screen.read().at(-1)).toBe('<clean>ab');
  });

  test('again before the screen is there drops what the first one still had to do', () => {
    const long = castOf(Array.from({length: 10}, (_, i) => output(i, String(i).repeat(100_000))));
    const engine = engineOf(long);
    screen.slow = true;
    engine.seek(9);
    expect(engine.state).toMatchObject({time: 9, seeking: true});
    engine.seek(8);
    engine.seek(0);
    expect(engine.state).toMatchObject({time: 0, seeking: true});
    expect(screen.read()).toHaveLength(3);
    screen.takeIn();
    expect(screen.read()).toEqual(['80x24', 'reset', `<clean>${'0'.repeat(100_000)}`]);
    screen.takeIn();
    expect(screen.read()).toEqual([]);
    expect(engine.state).toMatchObject({time: 0, seeking: false});
  });

  test('is clamped to the recording', () => {
    const engine = engineOf(abc);
    engine.seek(-5);
    expect(engine.state.time).toBe(0);
    engine.seek(99);
    expect(engine.state).toMatchObject({time: 4, ended: true});
    engine.seek(NaN);
    expect(engine.state.time).toBe(0);
  });

  test('while playing goes on playing from there', () => {
    const engine = engineOf(abc, frames);
    engine.play();
    clock.pass(500);
    engine.seek(3.5);
    screen.read();
    clock.pass(500);
    expect(screen.read()).toEqual(['d']);
    expect(engine.state.ended).toBe(true);
  });

  test('while playing holds time still until the screen is there', () => {
    const engine = engineOf(abc);
    engine.play();
    screen.slow = true;
    engine.seek(2);
    clock.pass(5000);
    expect(engine.state).toMatchObject({time: 2, seeking: true});
    screen.takeIn();
    clock.pass(500);
    expect(engine.state.time).toBeCloseTo(2.5);
  });

  test('to the end stops playing', () => {
    const engine = engineOf(abc);
    engine.play();
    engine.seek(4);
    expect(engine.state).toMatchObject({playing: false, ended: true});
    expect(clock.pending).toBe(0);
  });

  test('playing passes keyframes without starting over', () => {
    const engine = engineOf(abc, frames);
    engine.play();
    clock.pass(10_000);
    expect(screen.read()).toEqual(['80x24', 'reset', '<clean>', 'a', 'b', 'c', 'd']);
  });

  test('a screen that has fallen behind by several keyframes jumps', () => {
    const engine = engineOf(abc, frames);
    engine.play();
    screen.slow = true;
    clock.pass(1000);
    screen.read();
    clock.pass(2500);
    screen.takeIn();
    expect(screen.read()).toEqual(['80x24', 'reset', 'ABC']);
  });

  test('an index that is made later takes effect from then on', () => {
    const engine = engineOf(abc);
    engine.seek(4);
    engine.setIndex(frames);
    screen.read();
    engine.seek(3);
    expect(screen.read()).toEqual(['80x24', 'reset', 'ABC']);
  });
});

describe('Steps', () => {
  const steps = castOf([
    output(0, '$ '),
    marker(1, 'First'),
    output(2, 'one'),
    output(3, '$ '),
    marker(10, 'Second\x1b[31m'),
    output(11, 'two'),
    output(12, '$ '),
    marker(20, 'Third'),
    output(21, 'three'),
  ]);

  test('are the markers, with captions for people', () => {
    expect(engineOf(steps).steps).toEqual([
      {time: 1, label: 'First'},
      {time: 10, label: 'Second'},
      {time: 20, label: 'Third'},
    ]);
  });

  test('are the commands of a recording without markers', () => {
    const command = {promptTime: 1, time: 2, end: 3, text: 'ls', output: ''};
    expect(engineOf(abc, {...indexOf(abc, []), commands: [command]}).steps).toEqual([{time: 1, label: 'ls'}]);
  });

  test('are told by the time', () => {
    const engine = engineOf(steps);
    const at = (time: number): number => (engine.seek(time), engine.state.step);
    expect([0, 0.99, 1, 9.99, 10, 19, 20, 21].map(at)).toEqual([-1, -1, 0, 0, 1, 1, 2, 2]);
  });

  test('go forward to the next start and from the last one to the end', () => {
    const engine = engineOf(steps);
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      engine.nextStep();
      times.push(engine.state.time);
    }
    expect(times).toEqual([1, 10, 20, 21, 21]);
  });

  test('go back to their own start first, then to the one before', () => {
    const engine = engineOf(steps);
    engine.seek(15);
    const times: number[] = [];
    for (let i = 0; i < 4; i++) {
      engine.previousStep();
      times.push(engine.state.time);
    }
    expect(times).toEqual([10, 1, 0, 0]);
  });

  test('of step mode end with the last thing seen before the next one starts', () => {
    const engine = engineOf(steps);
    engine.setStepMode(true);
    engine.play();
    clock.pass(60_000);
    expect(engine.state).toMatchObject({time: 3, playing: false, step: 0});
    engine.play();
    clock.pass(60_000);
    expect(engine.state).toMatchObject({time: 12, playing: false, step: 1});
    engine.play();
    clock.pass(60_000);
    expect(engine.state).toMatchObject({time: 21, playing: false, step: 2, ended: true});
    expect(screen.read().join('')).toContain('$ one$ two$ three');
  });

  test('of step mode count from where a seek led to', () => {
    const engine = engineOf(steps);
    engine.setStepMode(true);
    engine.seek(5);
    engine.play();
    clock.pass(60_000);
    expect(engine.state.time).toBe(12);
  });

  test('stop playing only while step mode is on', () => {
    const engine = engineOf(steps);
    engine.setStepMode(true);
    engine.play();
    clock.pass(2000);
    engine.setStepMode(false);
    clock.pass(60_000);
    expect(engine.state.ended).toBe(true);
  });
});

describe('State', () => {
  test('is a new object after a change and the same one otherwise', () => {
    const engine = engineOf(abc);
    const before = engine.state;
    expect(engine.state).toBe(before);
    engine.setRate(2);
    expect(engine.state).not.toBe(before);
    expect(before.rate).toBe(1);
  });

  test('is told to those who subscribed until they leave', () => {
    const engine = engineOf(abc);
    let calls = 0;
    const leave = engine.subscribe(() => calls++);
    engine.setRate(2);
    expect(calls).toBe(1);
    leave();
    engine.setRate(3);
    expect(calls).toBe(1);
  });

  test('stays as it is when the engine is disposed of, with no timer left and late writes ignored', () => {
    const engine = engineOf(abc);
    engine.play();
    screen.slow = true;
    clock.pass(1500);
    engine.dispose();
    const last = engine.state;
    screen.read();
    screen.takeIn();
    engine.play();
    engine.seek(3);
    engine.setRate(2);
    clock.pass(5000);
    expect(screen.read()).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(engine.state).toBe(last);
  });

  test('of an empty recording is the end', () => {
    const engine = engineOf(castOf([]));
    engine.play();
    expect(engine.state).toMatchObject({playing: false, ended: true, duration: 0});
  });
});
