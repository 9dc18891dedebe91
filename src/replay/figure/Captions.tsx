import {memo, type ReactNode} from 'react';

import type {Step} from '../outline/index.ts';
import styles from './captions.module.css';

type Props = {
  steps: readonly Step[];
  /** What is shown now. */
  children: ReactNode;
  /** Whether readers of the screen see it; assistive technology is told of changes in any case. */
  hidden?: boolean;
};

/**
 * The line below the terminal. The captions lie invisibly in its one cell, so that it is as high as the highest of them
 * at any width and nothing moves when the caption changes.
 */
export function Captions({steps, children, hidden = false}: Props): ReactNode {
  return (
    <div className={hidden ? styles.hidden : styles.captions}>
      {!hidden && <Ghosts steps={steps} />}
      <p className={styles.caption} aria-live="polite">
        {children}
      </p>
    </div>
  );
}

/** The highest caption is one of the longest. */
const Ghosts = memo(function Ghosts({steps}: Pick<Props, 'steps'>): ReactNode {
  const longest = steps
    .map(({label}) => label)
    .sort((a, b) => b.length - a.length)
    .slice(0, 8);
  return longest.map((label, i) => (
    <span key={i} className={styles.ghost} aria-hidden="true" data-caption={`${steps.length}/${steps.length} ${label}`} />
  ));
});
