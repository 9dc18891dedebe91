import Link from '@docusaurus/Link';
import Heading from '@theme/Heading';
import Layout from '@theme/Layout';
import {Fragment, type ReactNode} from 'react';
import type {ChangeDay} from '@site/src/data/changes';
import {chapterPath, chapters} from '@site/src/data/series';
import styles from './styles.module.css';

const dayName = new Intl.DateTimeFormat('en', {day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC'});

/** Pages beside the chapters that a change may be about. */
const pages: Readonly<Record<string, string>> = {'Set-up': '/docs/setup/', Glossary: '/docs/glossary/', Blog: '/blog/'};

/** Path of what a change is about; undefined where it is about more than one. */
function pathOf(subject: string): string | undefined {
  const chapter = chapters.find(({number}) => subject === `Chapter ${number}`);
  return chapter ? chapterPath(chapter) : pages[subject];
}

/** What changed for readers, by day, newest first. `plugins/publish` reads it from `CHANGELOG.md`. */
export default function Changes({days}: {days: readonly ChangeDay[]}): ReactNode {
  return (
    <Layout title="Changes" description="What is new in the chapters, in the code and on the site, day by day.">
      <main className={`container margin-vert--lg ${styles.page}`}>
        <Heading as="h1">Changes</Heading>
        <p>
          What is new for readers, newest first. Follow it with a feed reader: <Link to="pathname:///changes/atom.xml">Atom</Link>,{' '}
          <Link to="pathname:///changes/rss.xml">RSS</Link> or <Link to="pathname:///changes/feed.json">JSON</Link>. There is a{' '}
          <Link to="pathname:///docs/atom.xml">feed of new chapters</Link> alone, too.
        </p>
        {days.map(({date, changes}) => (
          <section key={date} aria-labelledby={`day-${date}`}>
            <Heading as="h2" id={`day-${date}`}>
              <time dateTime={date}>{dayName.format(new Date(date))}</time>
            </Heading>
            <ul>
              {changes.map(({subject, what}, index) => {
                const path = pathOf(subject);
                return (
                  <li key={index}>
                    <strong>{path ? <Link to={path}>{subject}</Link> : subject}</strong>:{' '}
                    {what.map((span, place) => (
                      <Fragment key={place}>{'code' in span ? <code>{span.code}</code> : span.text}</Fragment>
                    ))}
                  </li>
                );
              })}
            </ul>
          </section>
        ))}
      </main>
    </Layout>
  );
}
