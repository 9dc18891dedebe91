import Head from '@docusaurus/Head';
import {PageMetadata} from '@docusaurus/theme-common';
import Layout from '@theme/Layout';
import NotFoundContent from '@theme/NotFound/Content';
import type {ReactNode} from 'react';

/** The page for an address that leads nowhere. Search engines leave it out; `plugins/publish` takes its own address from its head. */
export default function NotFound(): ReactNode {
  return (
    <>
      <PageMetadata
        title="Page not found"
        description="There is no page at this address. Search the site, or choose from its chapters and posts."
      />
      <Head>
        <meta name="robots" content="noindex" />
      </Head>
      <Layout>
        <NotFoundContent />
      </Layout>
    </>
  );
}
