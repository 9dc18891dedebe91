import type {ReactNode} from 'react';

import styles from './failure.module.css';

/** Says what went wrong, and offers to try again. */
export function Failure({children, onRetry}: {children: ReactNode; onRetry: () => void}): ReactNode {
  return (
    <div className={styles.failed} role="alert">
      <p>{children}</p>
      <button type="button" className={styles.textButton} onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
