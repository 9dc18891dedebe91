import {useId, type ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  /** A Markdown list of abilities: each goes on from “After this chapter you can”. */
  children: ReactNode;
};

/** Opens a chapter: what its reader will be able to do. The questions at the end ask for it. */
export default function Goals({children}: Props): ReactNode {
  const id = useId();
  return (
    <section className={styles.goals} aria-labelledby={id}>
      <p className={styles.title} id={id}>
        After this chapter you can
      </p>
      {children}
    </section>
  );
}
