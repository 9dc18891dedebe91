import type {ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  /** What a reader would predict, as a sentence. */
  expect: string;
  /** What the kernel does, as a sentence. */
  get: string;
};

/** Sets a prediction against what happens, before the text explains the difference. */
export default function Surprise({expect, get}: Props): ReactNode {
  return (
    <dl className={styles.surprise}>
      <div>
        <dt>You expect</dt>
        <dd>{expect}</dd>
      </div>
      <div className={styles.get}>
        <dt>You get</dt>
        <dd>{get}</dd>
      </div>
    </dl>
  );
}
