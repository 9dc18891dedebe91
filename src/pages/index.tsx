import Link from '@docusaurus/Link';
import Layout from '@theme/Layout';
import type {ReactNode} from 'react';

/** Landing page. */
export default function Home(): ReactNode {
  return (
    <Layout description="Build a container runtime and an orchestrator in Go.">
      <main className="container">
        <h1>Sheep &amp; Shepherd</h1>
        <p>Build a container runtime and an orchestrator in Go, one chapter at a time.</p>
        <Link to="/docs/start/">Start here</Link>
      </main>
    </Layout>
  );
}
