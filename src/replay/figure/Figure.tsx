import {clsx} from 'clsx';
import {useId, type CSSProperties, type ReactNode, type Ref} from 'react';

import terminalStyles from '../../terminal/rows.module.css';
import type {Step} from '../outline/types.ts';
import {formatTime} from '../outline/time.ts';
import styles from './figure.module.css';
import transcriptStyles from './transcript.module.css';

export type FigureProps = {
  /** Name of the recording: the fragment that leads to the figure. */
  name: string;
  title: string;
  /** Size of the terminal, in cells. */
  cols: number;
  rows: number;
  /** Whether that is a usual size, and the recording does not say its own. */
  sizeUnknown: boolean;
  /** Seconds. */
  duration: number;
  steps: readonly Step[];
  /** The first frame, given the class that makes it rows of a terminal. */
  poster: (className: string) => ReactNode;
  /** The recording as text, given its class. */
  transcript: (className: string) => ReactNode;
  /** Whether a player draws in `hostRef`, in place of the poster. */
  live: boolean;
  /** The whole figure. */
  rootRef: Ref<HTMLElement>;
  /** What shows the terminal, and scrolls when the terminal is wider. */
  viewportRef: Ref<HTMLElement>;
  /** Empty element in the viewport that takes the player's rows. */
  hostRef: Ref<HTMLElement>;
  /** Below the terminal: the caption, and the player's controls or the room for them. */
  children: ReactNode;
};

/** The frame of a recording, with its poster and its transcript: all that is there without a player. */
export function Figure({
  name,
  title,
  cols,
  rows,
  sizeUnknown,
  duration,
  steps,
  poster,
  transcript,
  live,
  rootRef,
  viewportRef,
  hostRef,
  children,
}: FigureProps): ReactNode {
  const hint = useId();
  return (
    <figure ref={rootRef} id={name} className={styles.replay} style={{'--cols': cols, '--rows': rows} as CSSProperties}>
      <figcaption className={styles.title}>
        <span>{title}</span>
        <span className={styles.facts}>
          {formatTime(duration)}
          {sizeUnknown && ` · size not recorded, shown as ${cols} × ${rows}`}
          {steps.length > 0 && ` · ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`}
        </span>
      </figcaption>
      <div className={styles.stage}>
        {/*
          Focusable because it scrolls when the terminal is wider, and because the player's keys need a place to be. A
          screen reader finds the screen's text in it. It is not a live region: output would be read out of order and cut short.
        */}
        <div
          ref={viewportRef as Ref<HTMLDivElement>}
          className={clsx(styles.viewport, 'ss-scroller')}
          role="region"
          aria-label={`Terminal: ${title}`}
          aria-describedby={hint}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must take the focus (axe: scrollable-region-focusable)
          tabIndex={0}
        >
          <div hidden={live}>{poster(terminalStyles.term ?? '')}</div>
          <div ref={hostRef as Ref<HTMLDivElement>} className={terminalStyles.term} hidden={!live} />
        </div>
        <p id={hint} hidden>
          One screen of the recording. The transcript below has all of it as text.
        </p>
      </div>
      <div className={styles.panel}>{children}</div>
      <details className={styles.transcript}>
        <summary>Transcript</summary>
        {transcript(transcriptStyles.transcript ?? '')}
      </details>
    </figure>
  );
}
