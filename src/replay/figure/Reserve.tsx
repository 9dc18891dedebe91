import type {ReactNode} from 'react';

import styles from './figure.module.css';

/** Where the player's slider and bar will be, so that nothing moves when they come; until then, what there is to say instead. */
export function Reserve({children}: {children: ReactNode}): ReactNode {
  return <div className={styles.reserve}>{children}</div>;
}
