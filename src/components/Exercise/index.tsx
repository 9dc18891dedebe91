import type {ReactNode} from 'react';
import styles from './styles.module.css';

type ExerciseProps = {
  /** What the reader's machine must offer, as a phrase: "Linux, root". */
  needs: string;
  /** About how long it takes. */
  minutes: number;
  /** Name of a script in `sessions/exercises/`, whose check reports whether it is done: `01-2-leak`. */
  check?: string;
  /** A heading with a fixed id, the task, `<Hint>`s, and a `<Solution>`. */
  children: ReactNode;
};

/** A task for the reader's own machine. The build fails when there is no exercise of the name in `check`. */
export default function Exercise({needs, minutes, check, children}: ExerciseProps): ReactNode {
  return (
    <div className={styles.exercise}>
      {children}
      {check === undefined ? null : (
        <p className={styles.check}>
          Start it, and check it there: <code>npm run exercise -- {/^\d\d-\d+(?=-)/.exec(check)?.[0] ?? check}</code>
        </p>
      )}
      <p className={styles.facts}>
        Needs: {needs}. About {minutes} {minutes === 1 ? 'minute' : 'minutes'}.
      </p>
    </div>
  );
}

type FoldProps = {
  children: ReactNode;
};

/** A folded answer to an exercise. */
export const Solution = ({children}: FoldProps): ReactNode => <Fold summary="Solution">{children}</Fold>;

/** Folded help that does not give the answer away. Several stand in the order in which they are to be opened. */
export const Hint = ({children}: FoldProps): ReactNode => <Fold summary="Hint">{children}</Fold>;

function Fold({summary, children}: FoldProps & {summary: string}): ReactNode {
  return (
    <details className={styles.solution}>
      <summary>{summary}</summary>
      <div className={styles.body}>{children}</div>
    </details>
  );
}
