import {PageMetadata} from '@docusaurus/theme-common';
import BlogAuthorsPostsPage from '@theme-original/Blog/Pages/BlogAuthorsPostsPage';
import type {Props} from '@theme/Blog/Pages/BlogAuthorsPostsPage';
import type {ReactNode} from 'react';

/** The theme's page of an author, with the author's own description. */
export default function DescribedBlogAuthorsPostsPage(props: Props): ReactNode {
  const {name, description} = props.author;
  return (
    <>
      <BlogAuthorsPostsPage {...props} />
      <PageMetadata description={description ?? `The posts by ${name ?? 'this author'}.`} />
    </>
  );
}
