import Link from '@docusaurus/Link';
import Heading from '@theme/Heading';
import Layout from '@theme/Layout';
import type {ReactNode} from 'react';
import BlogWays from '@site/src/components/BlogWays';
import {otherPosts, topics, type OtherPost} from '@site/src/data/other-posts';
import {author} from '@site/src/series';
import styles from './more.module.css';

const day = new Intl.DateTimeFormat('en', {day: 'numeric', month: 'long', timeZone: 'UTC'});

/** Posts by year, keeping their order. */
function byYear(posts: readonly OtherPost[]): [year: string, posts: OtherPost[]][] {
  const years = new Map<string, OtherPost[]>();
  for (const post of posts) {
    const year = post.date.slice(0, 4);
    years.set(year, [...(years.get(year) ?? []), post]);
  }
  return [...years];
}

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
            {byYear(otherPosts.filter((post) => post.topic === topic)).map(([year, posts]) => (
              <div key={year} className={styles.year}>
                <Heading as="h3">{year}</Heading>
                <ul>
                  {posts.map(({date, title, about}) => (
                    <li key={title}>
                      <time dateTime={date}>{day.format(new Date(date))}</time>
                      <div>
                        <strong>{title}</strong>
                        <p>{about}</p>
                      </div>
                    </li>
                  ))}
                </ul>
              </div>
            ))}
          </section>
        ))}
      </main>
    </Layout>
  );
}
