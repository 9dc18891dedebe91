import type {Cast} from '../format/index.ts';
import type {ReplayIndex, Step} from '../index/types.ts';
import type {Clock, EngineState, Screen} from './types.ts';

export type {Clock, EngineState, Screen} from './types.ts';

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
  setRate(rate: number): void;
  /** Seconds; `Infinity` for none. */
  setIdleLimit(seconds: number): void;
  setStepMode(on: boolean): void;
  nextStep(): void;
  previousStep(): void;
  /** Gives the engine an index that was built after it was made. */
  setIndex(index: ReplayIndex): void;
  /** Calls `listener` after each change of state. @returns the function that ends this */
  subscribe(listener: () => void): () => void;
  /** Stops timers and writes; the engine does nothing from then on. */
  dispose(): void;
};

/** Makes a player's clock and cursor over a recording. It draws nothing until `play` or `seek`. */
export function createEngine(_options: EngineOptions): Engine {
  throw new Error('createEngine: not built yet');
}
