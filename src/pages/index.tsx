import Link from '@docusaurus/Link';
import Heading from '@theme/Heading';
import Layout from '@theme/Layout';
import MDXContent from '@theme/MDXContent';
import type {ReactNode} from 'react';
import Plate from '@site/src/components/Plate';
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
              Find out what containers are by building them in Go: a runtime like Docker’s, then an orchestrator like Kubernetes.
            </p>
            <p className={styles.soon}>
              On Linux with a current Go, <Link to="/docs/setup/#code">your first one runs in two minutes</Link>.
            </p>
            <p className={styles.ways}>
              <Link className={styles.start} to="/docs/start/">
                Start here
              </Link>
              {first && (
                <Link className={styles.chapter} to={chapterPath(first)}>
                  Chapter {first.number}: fifty lines
                </Link>
              )}
            </p>
          </div>
          <div className={styles.session}>
            <MDXContent>
              <Session />
            </MDXContent>
          </div>
          <div className={styles.more}>
            <p>
              For you if you use containers and want to see past the command line. You can read simple Go; you need not know kernels. To
              read takes a browser; to run the code, Linux, or <Link to="/docs/setup/#vm">a virtual machine</Link> that we bring.
            </p>
            <p>
              You have read the articles? <Link to="/docs/articles/">What is where, and what differs</Link>.
            </p>
          </div>
        </div>
        {first && (
          <section className={styles.section} aria-labelledby="first">
            <div className={styles.first}>
              <div>
                <Heading as="h2" id="first">
                  What you build first
                </Heading>
                <p>
                  Twenty-five lines that give a shell a hostname of its own. Four more programs follow, each because the one before falls
                  short where you can see it: <code>ps</code> still lists the host’s processes, a mount shows up where it should not, an
                  exit status gets lost. The last has fifty lines. By then you have seen each of them come, and what goes wrong without it.
                </p>
                <p>
                  <Link className={styles.chapter} to={chapterPath(first)}>
                    Chapter {first.number}, {first.title.split(':')[0]}
                  </Link>
                </p>
              </div>
              <Plate chapter="namespaces" />
            </div>
          </section>
        )}
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
