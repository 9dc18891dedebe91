import Link from '@docusaurus/Link';
import Heading from '@theme/Heading';
import Layout from '@theme/Layout';
import type {ReactNode} from 'react';
import BlogWays from '@site/src/site/BlogWays';
import DatedList from '@site/src/site/DatedList';
import {otherPosts, topics} from '@site/src/data/other-posts';
import {author} from '@site/src/data/series';
import styles from './more.module.css';

/** The author's posts outside the series, by topic and year. */
export default function More(): ReactNode {
  return (
    <Layout title="More from the author" description={`${otherPosts.length} other posts by ${author.name}, by topic and year.`}>
      <main className={`container margin-vert--lg ${styles.page}`}>
        <BlogWays />
        <Heading as="h1">More from the author</Heading>
        <p className={styles.lead}>
          {author.name} has written {otherPosts.length} other posts. They are on <Link to={author.url}>his own site</Link>.
        </p>
        {Object.entries(topics).map(([topic, name]) => (
          <section key={topic} aria-labelledby={topic}>
            <Heading as="h2" id={topic}>
              {name}
            </Heading>
            <DatedList heading="h3" entries={otherPosts.filter((post) => post.topic === topic)} />
          </section>
        ))}
      </main>
    </Layout>
  );
}
