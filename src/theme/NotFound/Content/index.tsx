import Link from '@docusaurus/Link';
import Heading from '@theme/Heading';
import type {Props} from '@theme/NotFound/Content';
import clsx from 'clsx';
import type {ReactNode} from 'react';
import ChapterMap from '@site/src/site/ChapterMap';
import {SearchButton} from '@site/src/site/Search';
import styles from './styles.module.css';

/** What a reader sees at an address that leads nowhere: ways to what they may have meant. */
export default function NotFoundContent({className}: Props): ReactNode {
  return (
    <main className={clsx('container margin-vert--xl', className)}>
      <Heading as="h1">There is no page at this address</Heading>
      <p className={styles.lead}>
        It may have moved, or the link that led here has a mistake. Search for it, or choose from what there is.
      </p>
      <p className={styles.ways}>
        <SearchButton className={styles.search}>Search the site</SearchButton>
        <Link to="/docs/start/">Start of the series</Link>
        <Link to="/blog/">Blog</Link>
        <Link to="/blog/archive/">All posts by date</Link>
      </p>
      <Heading as="h2" className={styles.chapters}>
        Chapters
      </Heading>
      <ChapterMap brief />
    </main>
  );
}
