import type {ReactNode} from 'react';

import {formatTime} from '../outline/time.ts';
import {Icon} from './icons.tsx';
import styles from './idle.module.css';
import {Reserve} from './Reserve.tsx';

type Props = {
  title: string;
  /** Seconds. */
  duration: number;
  /** Called when the button is pressed; without it, as where no script runs, there is none. */
  onPlay: (() => void) | undefined;
};

/** What stands where the player's slider and bar will be: the same at rest, to be played. */
export function Idle({title, duration, onPlay}: Props): ReactNode {
  return (
    <Reserve>
      <div className={styles.idle}>
        <div className={styles.track} aria-hidden="true" />
        <div className={styles.bar}>
          {onPlay && (
            <button type="button" className={styles.play} aria-label={`Play ${title}`} title="Play" onClick={onPlay}>
              <Icon name="play" />
            </button>
          )}
          <span className={styles.time}>
            {formatTime(0)} <span className={styles.total}>/ {formatTime(duration)}</span>
          </span>
        </div>
      </div>
    </Reserve>
  );
}

/** What the captions say before the first step. */
export function Hint(): ReactNode {
  return <span className={styles.hint}>Play it through, or go from step to step.</span>;
}
