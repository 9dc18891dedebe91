import Link from '@docusaurus/Link';
import Heading from '@theme/Heading';
import Layout from '@theme/Layout';
import MDXContent from '@theme/MDXContent';
import type {ReactNode} from 'react';
import ChapterMap from '@site/src/site/ChapterMap';
import {author} from '@site/src/data/series';
import Drawing from '@site/static/img/logo.svg';
import Session from './_session.mdx';
import styles from './index.module.css';

/** Landing page: what this is, a real session, the map of the series, one way to start. */
export default function Home(): ReactNode {
  return (
    <Layout description="Fourteen chapters that build a container runtime and then an orchestrator in Go, with tested code and terminal sessions recorded on a real Linux kernel.">
      <main>
        <div className={styles.hero}>
          <div className={styles.pitch}>
            <Drawing className={styles.drawing} aria-hidden="true" />
            <Heading as="h1">Sheep &amp; Shepherd</Heading>
            <p className={styles.sentence}>
              Build a container runtime, then an orchestrator, in Go: fourteen chapters of tested code and terminal sessions recorded on a
              real Linux kernel.
            </p>
            <Link className={styles.start} to="/docs/start/">
              Start here
            </Link>
          </div>
          <MDXContent>
            <Session />
          </MDXContent>
        </div>
        <section className={styles.section} aria-labelledby="chapters">
          <Heading as="h2" id="chapters">
            Fourteen chapters, two parts
          </Heading>
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
