import Head from '@docusaurus/Head';
import {useBlogListPageStructuredData} from '@docusaurus/plugin-content-blog/client';
import type {Props} from '@theme/BlogListPage/StructuredData';
import type {ReactNode} from 'react';
import {corrected} from '@site/src/site/structured-data';
import {useSite} from '@site/src/site/use-site';

/** What a list of posts is, for search engines: https://schema.org/Blog. */
export default function BlogListPageStructuredData(props: Props): ReactNode {
  const data = corrected(useBlogListPageStructuredData(props), useSite());
  return (
    <Head>
      <script type="application/ld+json">{JSON.stringify(data)}</script>
    </Head>
  );
}
