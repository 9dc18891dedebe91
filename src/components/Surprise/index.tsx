import type {ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  children: ReactNode;
};

/** Sets a prediction, `<Expect>`, against what happens, `<Get>`, before the text explains the difference. */
export default function Surprise({children}: Props): ReactNode {
  return <dl className={styles.surprise}>{children}</dl>;
}

/** What a reader would predict, as a sentence on one line of MDX. */
export function Expect({children}: Props): ReactNode {
  return (
    <div>
      <dt>You expect</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What the kernel does, as a sentence on one line of MDX. */
export function Get({children}: Props): ReactNode {
  return (
    <div className={styles.get}>
      <dt>You get</dt>
      <dd>{children}</dd>
    </div>
  );
}
