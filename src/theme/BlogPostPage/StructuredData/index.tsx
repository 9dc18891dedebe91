import Head from '@docusaurus/Head';
import {useBlogPostStructuredData} from '@docusaurus/plugin-content-blog/client';
import type {ReactNode} from 'react';
import {corrected} from '@site/src/site/structured-data';
import {useSite} from '@site/src/site/use-site';

/** What a post is, for search engines: https://schema.org/BlogPosting. */
export default function BlogPostStructuredData(): ReactNode {
  const data = corrected(useBlogPostStructuredData(), useSite());
  return (
    <Head>
      <script type="application/ld+json">{JSON.stringify(data)}</script>
    </Head>
  );
}
