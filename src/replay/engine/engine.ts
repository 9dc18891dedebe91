import {parseResize, plainText, Sanitizer, terminalBounds, type Cast} from '../format/index.ts';
import {cleanScreen, keyframeBefore, stepsOf} from '../outline/lookup.ts';
import type {Keyframe, ReplayIndex, Step} from '../outline/types.ts';
import {Timeline} from './timeline.ts';
import type {Clock, EngineState, Screen} from './types.ts';

export type EngineOptions = {
  cast: Cast;
  /** From `buildIndex`. Without one every backward seek replays from the start: see `Engine.setIndex`. */
  index?: ReplayIndex;
  screen: Screen;
  clock: Clock;
};

export type Engine = {
  /** A new object after each change, the same one between changes. */
  readonly state: EngineState;
  readonly steps: readonly Step[];
  /** From the end it starts over. */
  play(): void;
  pause(): void;
  /** Goes to a moment of the recording, in seconds, clamped to it; later seeks supersede those not done yet. */
  seek(time: number): void;
  /** @throws RangeError unless `rate` is a finite number above 0 */
  setRate(rate: number): void;
  /**
   * @param seconds `Infinity` for none
   * @throws RangeError unless `seconds` is above 0
   */
  setIdleLimit(seconds: number): void;
  setStepMode(on: boolean): void;
  /** To the start of the next step, or to the end. */
  nextStep(): void;
  /** To the start of this step, or of the one before when this one has only just begun. */
  previousStep(): void;
  /** Gives the engine an index that was built after it was made. */
  setIndex(index: ReplayIndex): void;
  /** Calls `listener` after each change of state. @returns the function that ends this */
  subscribe(listener: () => void): () => void;
  /** Stops timers and writes; the engine does nothing from then on. */
  dispose(): void;
};

/** Shortest time between two ticks, in ms: what happens within a frame is written at once. */
const FRAME = 16;
/** Longest time between two ticks, in ms: how smoothly `state.time` runs through a pause. */
const LONGEST_TICK = 100;
/** Output that is written in one piece, in UTF-16 code units: between two pieces a newer seek can take over. */
const PIECE = 2 ** 18;
/** Seconds into a step after which "previous" means the start of this step. */
const JUST_BEGUN = 1;

/** Makes a player's clock and cursor over a recording. It draws nothing until `play` or `seek`. */
export function createEngine(options: EngineOptions): Engine {
  return new ReplayEngine(options);
}

class ReplayEngine implements Engine {
  state: EngineState;
  steps: readonly Step[] = [];

  private readonly cast: Cast;
  private readonly screen: Screen;
  private readonly clock: Clock;
  private readonly bounds: {cols: number; rows: number};
  /** Seconds at which something happens that a viewer sees: not key presses. */
  private readonly moments: Float64Array;
  private timeline: Timeline;
  private index: ReplayIndex;
  /** Seconds at which step mode stops, ascending. */
  private stops: readonly number[] = [];
  private readonly listeners = new Set<() => void>();

  /** While playing: `clock.now()` at which `anchorShown` seconds of the timeline had been shown. */
  private anchorNow = 0;
  private anchorShown = 0;
  private timer: unknown;

  private sanitizer: Sanitizer;
  /** The next event to write; -1 while the screen shows something else. */
  private position = -1;
  /** The first event that must not be written yet. */
  private target = 0;
  /** True until the screen has taken in what was written last. */
  private writing = false;
  /** True within `pump`, which a screen that takes in at once would otherwise enter again and again. */
  private pumping = false;
  private disposed = false;

  constructor({cast, index, screen, clock}: EngineOptions) {
    this.cast = cast;
    this.screen = screen;
    this.clock = clock;
    this.bounds = terminalBounds(cast);
    this.sanitizer = new Sanitizer(this.bounds);
    this.moments = momentsOf(cast);
    const {idleTimeLimit = 0} = cast.header;
    const idleLimit = idleTimeLimit > 0 ? idleTimeLimit : Infinity;
    this.timeline = new Timeline(this.moments, cast.duration, idleLimit);
    this.state = {
      time: 0,
      duration: cast.duration,
      playing: false,
      seeking: false,
      rate: 1,
      idleLimit,
      stepMode: false,
      step: -1,
      ended: cast.duration === 0,
    };
    this.index = index ?? bareIndex(cast);
    this.takeIndex();
  }

  play(): void {
    if (this.disposed || this.state.playing) return;
    if (this.state.ended) this.go(0);
    else if (this.position < 0) this.go(this.state.time);
    this.anchor();
    this.change({playing: this.state.duration > 0});
    this.schedule();
  }

  pause(): void {
    if (this.disposed || !this.state.playing) return;
    this.advance();
    this.stop();
  }

  seek(time: number): void {
    if (this.disposed) return;
    this.go(Number.isFinite(time) ? Math.min(Math.max(time, 0), this.state.duration) : time > 0 ? this.state.duration : 0);
    if (this.state.ended && this.state.playing) this.stop();
    else if (this.state.playing) this.schedule();
  }

  setRate(rate: number): void {
    if (!(rate > 0 && rate < Infinity)) throw new RangeError(`rate: expected a finite number above 0, found ${rate}`);
    this.adjust(() => this.change({rate}));
  }

  setIdleLimit(seconds: number): void {
    if (!(seconds > 0)) throw new RangeError(`idle limit: expected a number of seconds above 0, found ${seconds}`);
    this.adjust(() => {
      this.timeline = new Timeline(this.moments, this.cast.duration, seconds);
      this.change({idleLimit: seconds});
    });
  }

  setStepMode(on: boolean): void {
    this.adjust(() => this.change({stepMode: on}));
  }

  nextStep(): void {
    const next = this.steps.find((step) => step.time > this.state.time);
    this.seek(next ? next.time : this.state.duration);
  }

  previousStep(): void {
    const current = this.steps[this.state.step];
    if (current && this.state.time - current.time > JUST_BEGUN) this.seek(current.time);
    else this.seek(this.steps[this.state.step - 1]?.time ?? 0);
  }

  setIndex(index: ReplayIndex): void {
    if (this.disposed) return;
    this.index = index;
    this.takeIndex();
    this.change({});
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  dispose(): void {
    this.disposed = true;
    this.clock.clearTimeout(this.timer);
    this.listeners.clear();
  }

  private takeIndex(): void {
    this.steps = stepsOf(this.index);
    // A step is over with the last thing seen before the next one starts: waiting for that start would be idle.
    this.stops = this.steps.slice(1).map((step, i) => {
      const last = this.moments[lowerBound(this.moments.length, (at) => (this.moments[at] ?? 0) < step.time) - 1] ?? 0;
      return Math.max(last, this.steps[i]?.time ?? 0);
    });
    this.state = {...this.state, step: this.stepAt(this.state.time)};
  }

  private stepAt(time: number): number {
    return lowerBound(this.steps.length, (i) => (this.steps[i]?.time ?? 0) <= time) - 1;
  }

  /** Number of events up to and including those at `time`. */
  private eventsUntil(time: number): number {
    const {events} = this.cast;
    return lowerBound(events.length, (i) => (events[i]?.time ?? 0) <= time);
  }

  private change(part: Partial<EngineState>): void {
    const next = {...this.state, ...part};
    if (part.time !== undefined) {
      next.step = this.stepAt(part.time);
      next.ended = part.time >= this.state.duration;
    }
    this.state = next;
    for (const listener of [...this.listeners]) listener();
  }

  /** Takes `time` as the position and brings the screen there. */
  private go(time: number): void {
    this.target = this.eventsUntil(time);
    const seeking = this.position !== this.target || this.writing;
    this.change({time, seeking});
    this.anchor();
    this.pump();
  }

  /** From here on time is counted from the position that it has now. */
  private anchor(): void {
    this.anchorNow = this.clock.now();
    this.anchorShown = this.timeline.toShown(this.state.time);
  }

  /** Changes what the running of time depends on. */
  private adjust(change: () => void): void {
    if (this.disposed) return;
    if (this.state.playing) this.advance();
    change();
    this.anchor();
    if (this.state.playing) this.schedule();
  }

  private stop(): void {
    this.clock.clearTimeout(this.timer);
    this.change({playing: false});
  }

  private schedule(): void {
    this.clock.clearTimeout(this.timer);
    const next = this.cast.events[this.target];
    const shown = this.timeline.toShown(next ? next.time : this.state.duration);
    const due = ((shown - this.anchorShown) * 1000) / this.state.rate - (this.clock.now() - this.anchorNow);
    this.timer = this.clock.setTimeout(() => this.tick(), Math.min(Math.max(due, FRAME), LONGEST_TICK));
  }

  private tick(): void {
    if (this.disposed || !this.state.playing) return;
    const stopped = this.advance();
    if (stopped) this.stop();
    else this.schedule();
  }

  /** Moves the position to where it should be by now. @returns whether playing ends there */
  private advance(): boolean {
    // Time stands still until a seek has reached the screen.
    if (this.state.seeking) {
      this.anchor();
      return false;
    }
    const shown = this.anchorShown + ((this.clock.now() - this.anchorNow) / 1000) * this.state.rate;
    const {time: from, duration, stepMode} = this.state;
    // Rounding must not take time back.
    let time = Math.min(Math.max(this.timeline.toRecorded(shown), from), duration);
    const stop = stepMode ? this.stops[lowerBound(this.stops.length, (i) => (this.stops[i] ?? 0) <= from)] : undefined;
    const stopped = stop !== undefined && stop <= time;
    if (stopped) time = stop;
    this.target = Math.max(this.target, this.eventsUntil(time));
    this.pump();
    if (time !== from) this.change({time});
    return stopped || time >= duration;
  }

  /** Writes what lies between the screen and the target, a piece at a time. */
  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    while (!this.writing && !this.disposed) {
      const keyframe = keyframeBefore(this.index, this.target);
      if (this.shouldRestore(keyframe)) this.restore(keyframe);
      else if (this.position < this.target) this.write('');
      else if (this.state.seeking) {
        this.change({seeking: false});
        this.anchor();
      } else break;
    }
    this.pumping = false;
  }

  private shouldRestore(keyframe: Keyframe): boolean {
    if (this.position < 0 || this.position > this.target) return true;
    if (keyframe.event <= this.position) return false;
    // Playing passes keyframes as it goes; it jumps only when the screen has fallen behind by more than one.
    return this.state.seeking || keyframeBefore(this.index, keyframe.event - 1).event > this.position;
  }

  private restore(keyframe: Keyframe): void {
    this.screen.resize(keyframe.cols, keyframe.rows);
    this.screen.reset();
    this.sanitizer = new Sanitizer(this.bounds);
    this.position = keyframe.event;
    this.write(keyframe.screen || cleanScreen);
  }

  /** Writes `start` and then events, up to the target, the next resize or the size of a piece. */
  private write(start: string): void {
    const {events} = this.cast;
    let data = start;
    let size: {cols: number; rows: number} | undefined;
    while (this.position < this.target && data.length < PIECE && !size) {
      const event = events[this.position++];
      if (event?.code === 'o') data += this.sanitizer.push(event.data);
      else if (event?.code === 'r') size = parseResize(event.data);
    }
    const done = (): void => {
      if (this.disposed) return;
      if (size) this.screen.resize(size.cols, size.rows);
      this.writing = false;
      this.pump();
    };
    this.writing = true;
    if (data === '') done();
    else this.screen.write(data, done);
  }
}

/** What is known of a recording without having an index of it. */
function bareIndex({header, events, duration}: Cast): ReplayIndex {
  const markers = events.filter((event) => event.code === 'm').map(({time, data}) => ({time, label: plainText(data)}));
  return {cols: header.cols, rows: header.rows, duration, title: plainText(header.title ?? ''), commands: [], markers, keyframes: []};
}

/** Times of all that a viewer sees: not of key presses. */
function momentsOf({events}: Cast): Float64Array {
  const times = new Float64Array(events.length);
  let length = 0;
  for (const event of events) if (event.code !== 'i') times[length++] = event.time;
  return times.subarray(0, length);
}

/** The first of `length` places at which `below` does not hold. */
function lowerBound(length: number, below: (i: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (below(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
