import {useDoc} from '@docusaurus/plugin-content-docs/client';
import type {ReactNode} from 'react';
import {chapters, parts} from '@site/src/data/series';
import styles from './styles.module.css';

/** The line above a doc's title: where in the series it stands, and how long it takes to read. */
export default function ChapterEyebrow(): ReactNode {
  const {frontMatter, metadata} = useDoc();
  const minutes = (frontMatter as {reading_minutes?: number}).reading_minutes;
  const chapter = chapters.find(({doc}) => doc === metadata.id);
  const part = parts.find(({part: id}) => id === chapter?.part);
  return (
    <div className={styles.eyebrow} data-search-ignore>
      {chapter && part && (
        <span className={styles[part.part]}>
          {part.name} · Chapter {chapter.number} of {chapters.length}
        </span>
      )}
      {minutes !== undefined && <span>{minutes} min read</span>}
    </div>
  );
}
