import type {Cast} from '../format/index.ts';
import type {Keyframe, ReplayIndex, Step} from './types.ts';

export type {Command, Keyframe, Marker, ReplayIndex, Step} from './types.ts';

export type IndexOptions = {
  /** Called now and then with the share of the work that is done, 0 to 1. */
  onProgress?: (done: number) => void;
  /** Stops the work; `buildIndex` then rejects with the signal's reason. */
  signal?: AbortSignal;
};

/** Derives the index of a recording. Needs @xterm/headless; runs in Node and in a worker. */
export function buildIndex(_cast: Cast, _options?: IndexOptions): Promise<ReplayIndex> {
  throw new Error('buildIndex: not built yet');
}

/** The last keyframe at or before `time`. */
export function nearestKeyframe(_index: ReplayIndex, _time: number): Keyframe {
  throw new Error('nearestKeyframe: not built yet');
}

/** The steps of a recording: its markers, or its commands where it has no markers. */
export function stepsOf(_index: Pick<ReplayIndex, 'markers' | 'commands'>): Step[] {
  throw new Error('stepsOf: not built yet');
}
