import type {ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  /** What the aside is about, as a phrase. */
  title: string;
  children: ReactNode;
};

/** A detail for readers who know the subject; those who do not lose nothing by leaving it folded. */
export default function Deeper({title, children}: Props): ReactNode {
  return (
    <details className={styles.deeper}>
      <summary>
        <span className={styles.label}>Deeper:</span> {title}
      </summary>
      <div className={styles.body}>{children}</div>
    </details>
  );
}
