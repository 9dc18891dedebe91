import {memo, type CSSProperties, type KeyboardEvent, type ReactNode} from 'react';

import type {Step} from '../outline/index.ts';
import {formatTime} from '../outline/time.ts';
import styles from './slider.module.css';

type Props = {
  /** Seconds. */
  time: number;
  /** Seconds. */
  duration: number;
  steps: readonly Step[];
  /** Index into `steps`; -1 before the first. */
  step: number;
  /** Called with the moment to go to, in seconds. */
  onSeek: (time: number) => void;
};

/** What a screen reader says of the position: `0:12 of 0:48, step 3 of 7`. */
export function positionText({time, duration, steps, step}: Omit<Props, 'onSeek'>): string {
  const position = `${formatTime(time)} of ${formatTime(duration)}`;
  if (steps.length === 0) return position;
  return step < 0 ? `${position}, before step 1` : `${position}, step ${step + 1} of ${steps.length}`;
}

/**
 * The position in the recording. A native range input, for its touch handling and because screen readers on phones can
 * move no other; its keys are those of the ARIA slider pattern in steps that make sense for time.
 *
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/slider/
 */
export function Slider({time, duration, steps, step, onSeek}: Props): ReactNode {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = {
      ArrowUp: time + 5,
      ArrowDown: time - 5,
      PageUp: time + duration / 10,
      PageDown: time - duration / 10,
      Home: 0,
      End: duration,
    }[event.key];
    if (target === undefined) return; // left and right are keys of the whole player
    event.preventDefault();
    event.stopPropagation();
    onSeek(Math.min(duration, Math.max(0, target)));
  };
  return (
    <div className={styles.track}>
      <span className={styles.played} style={{'--at': duration > 0 ? time / duration : 0} as CSSProperties} />
      <Marks duration={duration} steps={steps} />
      <input
        type="range"
        className={styles.range}
        aria-label="Position in the recording"
        aria-valuetext={positionText({time, duration, steps, step})}
        min={0}
        max={duration}
        step="any"
        value={Math.min(time, duration)}
        onChange={(event) => onSeek(event.currentTarget.valueAsNumber)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

/** Least distance of two marks, as a share of the track: closer ones could not be told apart. */
const apart = 0.004;

/** Where the steps start. Drawn once, not with each change of the position. */
const Marks = memo(function Marks({duration, steps}: Pick<Props, 'duration' | 'steps'>): ReactNode {
  const shares: number[] = [];
  for (const {time} of steps) {
    const share = duration > 0 ? Math.min(1, time / duration) : 0;
    if (share - (shares.at(-1) ?? -1) >= apart) shares.push(share);
  }
  return (
    <div className={styles.marks} aria-hidden="true">
      {shares.map((share) => (
        <span key={share} className={styles.mark} style={{left: `${share * 100}%`}} />
      ))}
    </div>
  );
});
