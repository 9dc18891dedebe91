import type {ReactNode} from 'react';
import {useRemembered} from '@site/src/memory';
import {isPlace, PLACE} from '@site/src/place';
import styles from './styles.module.css';

/** A way back to the section read last. Keeps its line free from the start, so that nothing moves when it appears. */
export default function Continue(): ReactNode {
  const place = useRemembered(PLACE, isPlace);
  return (
    <p className={styles.continue}>
      {place && (
        <>
          Continue where you left off:{' '}
          <a href={place.section ? `${place.path}#${place.section.id}` : place.path}>
            {place.section ? `${place.title}, ${place.section.title}` : place.title}
          </a>
        </>
      )}
    </p>
  );
}
