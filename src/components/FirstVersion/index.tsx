import {useId, type ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  /** What the first version did, as a phrase. */
  title: string;
  /** The fault, shown happening, how it shows, and the right way. */
  children: ReactNode;
};

/** A naive version that fails in an instructive way. */
export default function FirstVersion({title, children}: Props): ReactNode {
  const id = useId();
  return (
    <div className={styles.version} role="note" aria-labelledby={id}>
      <p className={styles.title} id={id}>
        <span className={styles.label}>A first version:</span> {title}
      </p>
      {children}
    </div>
  );
}
