import type {Keyframe, ReplayIndex, Step} from './types.ts';

/** What every keyframe starts with: attributes off, cursor on (which a reset of xterm.js leaves as it was). */
export const cleanScreen = '\x1b[m\x1b[?25h';

/** The last keyframe at or before `time`, in seconds. */
export function nearestKeyframe(index: ReplayIndex, time: number): Keyframe {
  return lastKeyframe(index, (keyframe) => keyframe.time <= time);
}

/** The last keyframe from which the screen before event number `event` can be made. */
export function keyframeBefore(index: ReplayIndex, event: number): Keyframe {
  return lastKeyframe(index, (keyframe) => keyframe.event <= event);
}

/** @param holds true for keyframes up to some place, false from there on */
function lastKeyframe(index: ReplayIndex, holds: (keyframe: Keyframe) => boolean): Keyframe {
  const {keyframes} = index;
  let low = 0;
  let high = keyframes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const keyframe = keyframes[middle];
    if (keyframe && holds(keyframe)) low = middle + 1;
    else high = middle;
  }
  return keyframes[low - 1] ?? {time: 0, event: 0, cols: index.cols, rows: index.rows, screen: cleanScreen};
}

/** The steps of a recording: its markers, or its commands where it has no markers. */
export function stepsOf({markers, commands}: Pick<ReplayIndex, 'markers' | 'commands'>): Step[] {
  if (markers.length > 0) return markers.map(({time, label}) => ({time, label}));
  return commands.filter(({text}) => text !== '').map(({promptTime, text}) => ({time: promptTime, label: text}));
}
