import type {ReactNode} from 'react';
import styles from './styles.module.css';

type ExerciseProps = {
  /** What the reader's machine must offer, as a phrase: "Linux, root". */
  needs: string;
  /** About how long it takes. */
  minutes: number;
  /** A heading with a fixed id, the task, and a `<Solution>`. */
  children: ReactNode;
};

/** A task for the reader's own machine. */
export default function Exercise({needs, minutes, children}: ExerciseProps): ReactNode {
  return (
    <div className={styles.exercise}>
      {children}
      <p className={styles.facts}>
        Needs: {needs}. About {minutes} {minutes === 1 ? 'minute' : 'minutes'}.
      </p>
    </div>
  );
}

type SolutionProps = {
  children: ReactNode;
};

/** The folded answer to an exercise. */
export function Solution({children}: SolutionProps): ReactNode {
  return (
    <details className={styles.solution}>
      <summary>Solution</summary>
      <div className={styles.body}>{children}</div>
    </details>
  );
}
