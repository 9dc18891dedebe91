import Link from '@docusaurus/Link';
import Heading from '@theme/Heading';
import Layout from '@theme/Layout';
import MDXContent from '@theme/MDXContent';
import type {ReactNode} from 'react';
import ChapterMap from '@site/src/site/ChapterMap';
import {author, chapterPath, chapters, inWords, outlook, parts} from '@site/src/data/series';
import Drawing from '@site/static/img/logo.svg';
import Session from './_session.mdx';
import styles from './index.module.css';

const written = chapters.filter((chapter) => chapterPath(chapter) !== undefined);
const [first] = written;
const title = 'Build a container runtime and an orchestrator in Go';
const total = inWords(chapters.length);

/** Landing page: what this is, why and for whom, how far it has come, a real session, the map of the series. */
export default function Home(): ReactNode {
  return (
    <Layout
      title={title}
      description={`Find out what containers are by writing what makes them: a runtime, then an orchestrator, in ${total} chapters of tested Go. ${outlook()}`}
    >
      <main>
        <div className={styles.hero}>
          <div className={styles.pitch}>
            <Drawing className={styles.drawing} aria-hidden="true" />
            <Heading as="h1">Sheep &amp; Shepherd</Heading>
            <p className={styles.sentence}>
              Find out what containers are by building them: a runtime like Docker’s, then an orchestrator like Kubernetes, in Go.
            </p>
            <p className={styles.reader}>
              For you if you use containers and want to see past the command line. You can read simple Go; you need not know kernels.
            </p>
            <p className={styles.ways}>
              <Link className={styles.start} to="/docs/start/">
                Start here
              </Link>
              {first && (
                <Link className={styles.chapter} to={chapterPath(first)}>
                  Chapter {first.number}: a container in 50 lines
                </Link>
              )}
            </p>
            <p className={styles.outlook}>{outlook()} To read takes a browser; to run the code, Linux and Go.</p>
          </div>
          <MDXContent>
            <Session />
          </MDXContent>
        </div>
        <section className={styles.section} aria-labelledby="chapters">
          <Heading as="h2" id="chapters">
            {total.replace(/^./, (letter) => letter.toUpperCase())} chapters, {inWords(parts.length)} parts
          </Heading>
          <p className={styles.promise}>
            {outlook()} Nothing in them is made up: code is cut from files that are compiled and tested, and terminal sessions are
            recordings of that code on a real Linux kernel.
          </p>
          <ChapterMap />
          <p className={styles.credit}>
            The site accompanies the series of articles by <Link to={author.url}>{author.name}</Link>. Its prose, code and recordings are
            its own.
          </p>
        </section>
      </main>
    </Layout>
  );
}
