import type {ReactNode} from 'react';
import styles from './styles.module.css';

type Props = {
  /** Address that opens an issue about the part. */
  href: string;
  /** Heading of the part. */
  part: string;
};

/**
 * Ends a part of a chapter: a link that opens an issue, with page and part filled in. Nothing is sent before the reader sends
 * it; src/reader/unclear.ts adds what the browser knows of the system when the link is followed. Documents do not write this
 * element; plugins/teaching/unclear.ts does.
 */
export default function Unclear({href, part}: Props): ReactNode {
  return (
    <p className={styles.unclear} data-search-ignore data-feed-ignore>
      <a href={href} target="_blank" rel="noopener noreferrer" data-unclear aria-label={`Something unclear here? ${part}`}>
        Something unclear here?
      </a>
    </p>
  );
}
