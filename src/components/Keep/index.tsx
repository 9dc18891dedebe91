import {useId, type ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  /** What the sheet is about, as a phrase. */
  title: string;
  /** A table, a few rules, a few commands. */
  children: ReactNode;
};

/** The page of a chapter that one returns to. It prints alone, on one sheet. */
export default function Keep({title, children}: Props): ReactNode {
  const id = useId();
  return (
    <section className={styles.keep} aria-labelledby={id} data-keep>
      <p className={styles.title} id={id}>
        {title}
      </p>
      {children}
    </section>
  );
}
