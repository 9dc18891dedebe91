import Head from '@docusaurus/Head';
import Metadata from '@theme-original/DocItem/Metadata';
import type {ReactNode} from 'react';

/** A doc's metadata. It is read by itself, like a post: an article (https://ogp.me/#type_article). */
export default function DocItemMetadata(): ReactNode {
  return (
    <>
      <Metadata />
      <Head>
        <meta property="og:type" content="article" />
      </Head>
    </>
  );
}
