import {useId, type ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  /** A Markdown list of questions. */
  children: ReactNode;
};

/** Opens a chapter: the questions its reader will be able to answer. The quiz at the end asks them. */
export default function Goals({children}: Props): ReactNode {
  const id = useId();
  return (
    <section className={styles.goals} aria-labelledby={id}>
      <p className={styles.title} id={id}>
        After this chapter you can answer
      </p>
      {children}
    </section>
  );
}
