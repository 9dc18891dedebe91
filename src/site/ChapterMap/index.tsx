import Link from '@docusaurus/Link';
import clsx from 'clsx';
import type {ReactNode} from 'react';
import {chapterPath, chapters, parts} from '@site/src/data/series';
import styles from './styles.module.css';

type Props = {
  /** Level of the two parts' headings: one below the heading that the map stands under. */
  heading?: 'h2' | 'h3';
  /** Titles alone, without what each chapter builds. */
  brief?: boolean;
};

/** The fourteen chapters in their two parts. Written chapters are links, the others say that they are to come. */
export default function ChapterMap({heading: Heading = 'h3', brief = false}: Props): ReactNode {
  return (
    <div className={clsx(styles.room, 'ss-wide')}>
      <div className={clsx(styles.map, brief && styles.brief)}>
        {parts.map(({part, name, title, about}) => {
          const own = chapters.filter((chapter) => chapter.part === part);
          return (
            <section key={part} className={clsx(styles.part, styles[part])}>
              <Heading className={styles.title}>
                <span className={styles.name}>{name}</span> {title}
              </Heading>
              {!brief && <p className={styles.about}>{about}</p>}
              <ol className={styles.list} start={own[0]?.number}>
                {own.map((chapter) => {
                  const path = chapterPath(chapter);
                  return (
                    <li key={chapter.number} className={clsx(styles.chapter, path && styles.written)}>
                      <span className={styles.number} aria-hidden="true">
                        {chapter.number}
                      </span>
                      <div>
                        {path ? (
                          <Link to={path}>{chapter.title}</Link>
                        ) : (
                          <span>
                            {chapter.title} <small className={styles.coming}>coming</small>
                          </span>
                        )}
                        {!brief && <p className={styles.gist}>{chapter.gist}</p>}
                      </div>
                    </li>
                  );
                })}
              </ol>
            </section>
          );
        })}
      </div>
    </div>
  );
}
