import type {ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  /** Name of an experiment, as `01-2-pid`. */
  of: string;
  /** Which of its commands, as `3` or `3-4`; all when it is not given. */
  commands?: string;
  /** Filled in by the build (plugins/teaching/proof.ts): what the experiment shows. */
  title?: string;
  /** Filled in by the build: release of the kernel that it ran on, and the day, as 2026-06-01. */
  kernel?: string;
  date?: string;
  /** Filled in by the build: its commands and what they printed. */
  children?: ReactNode;
};

const day = new Intl.DateTimeFormat('en-GB', {dateStyle: 'long', timeZone: 'UTC'});

/** The experiment behind the paragraph before it, folded: commands, what they printed, and where they ran. */
export default function Proof({title, kernel, date = '', children}: Props): ReactNode {
  return (
    <details className={styles.proof}>
      <summary>
        <span className={styles.label}>Proof:</span> {title}
      </summary>
      {children}
      <p className={styles.run}>
        Run on Linux {kernel}, <time dateTime={date}>{day.format(new Date(date))}</time>.
      </p>
    </details>
  );
}
