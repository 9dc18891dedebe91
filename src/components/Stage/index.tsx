import type {ReactNode} from 'react';
import styles from './styles.module.css';

type StageProps = {
  /** The stage, as `01-namespaces/2-pid`, or the whole program, as `01-namespaces`: a folder of `code/steps`. */
  of: string;
  /** Filled in by the build (plugins/teaching/stage.ts): its place among the stages, from 1, and how many there are. */
  number?: string;
  total?: string;
  /** Filled in by the build: its file, as `2-pid/main.go`. */
  label?: string;
  /** Filled in by the build: address of its folder in the repository. */
  href?: string;
  /** A heading with an id, then the trouble, the new lines, the command, and what it prints. */
  children: ReactNode;
};

/** One of the programs by which a chapter grows: a rail beside it, and above it which of them it is. */
export default function Stage({number, total, label, href, children}: StageProps): ReactNode {
  return (
    <div className={styles.stage}>
      <p className={styles.eyebrow} data-search-ignore>
        Stage {number} of {total} <span aria-hidden="true">·</span> <a href={href}>{label}</a>
      </p>
      {children}
    </div>
  );
}

type CheckpointProps = {
  /** A sentence on one line of MDX, or paragraphs and fences. */
  children: ReactNode;
};

/** What a reader who followed the stage has before them. */
export function Seen({children}: CheckpointProps): ReactNode {
  return (
    <div className={styles.seen}>
      <b>You should see:</b> {children}
    </div>
  );
}

/** After a `<Seen>`: what is wrong when something else came, and what mends it. */
export function IfNot({children}: CheckpointProps): ReactNode {
  return (
    <div className={styles.otherwise}>
      <b>If not:</b> {children}
    </div>
  );
}
