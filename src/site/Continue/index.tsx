import Link from '@docusaurus/Link';
import type {ReactNode} from 'react';
import {chapterPath, chapters} from '@site/src/data/series';
import {useRemembered} from '@site/src/reader/storage.ts';
import {isPlace, PLACE, type Place} from '@site/src/reader/place.ts';
import styles from './styles.module.css';

/** The chapter's title as far as the first colon, and the section in it. */
function name({title, section}: Pick<Place, 'title' | 'section'>): string {
  const short = title.replace(/:.*/, '');
  return section ? `${short}, “${section.title}”` : short;
}

/** A way back to the section read last, or into the first chapter; both in the same room, so that nothing moves. */
export default function Continue(): ReactNode {
  const place = useRemembered(PLACE, isPlace);
  const first = chapters.find((chapter) => chapterPath(chapter) !== undefined);
  const start = first && chapterPath(first);
  return (
    <p className={styles.continue}>
      {place ? (
        <>
          Continue where you left off: <a href={place.section ? `${place.path}#${place.section.id}` : place.path}>{name(place)}</a>
        </>
      ) : (
        start && (
          <>
            New here? Begin with chapter {first.number}: <Link to={start}>{name({title: first.title, section: null})}</Link>
          </>
        )
      )}
    </p>
  );
}
