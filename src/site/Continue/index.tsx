import type {ReactNode} from 'react';
import {useRemembered} from '@site/src/reader/storage.ts';
import {isPlace, PLACE, type Place} from '@site/src/reader/place.ts';
import styles from './styles.module.css';

/** The chapter's title as far as the first colon, and the section in it. */
function name({title, section}: Place): string {
  const short = title.replace(/:.*/, '');
  return section ? `${short}, “${section.title}”` : short;
}

/** A way back to the section read last. Keeps its line free from the start, so that nothing moves when it appears. */
export default function Continue(): ReactNode {
  const place = useRemembered(PLACE, isPlace);
  return (
    <p className={styles.continue}>
      {place && (
        <>
          Continue where you left off: <a href={place.section ? `${place.path}#${place.section.id}` : place.path}>{name(place)}</a>
        </>
      )}
    </p>
  );
}
