import {useLocation} from '@docusaurus/router';
import useBaseUrl from '@docusaurus/useBaseUrl';
import BlogLayout from '@theme-original/BlogLayout';
import type {Props} from '@theme/BlogLayout';
import Heading from '@theme/Heading';
import type {ReactNode} from 'react';
import BlogWays from '@site/src/site/BlogWays';

/**
 * Every blog page, with the ways through the blog above it. The list of posts gets the
 * heading that it lacks, and the table of contents a landmark.
 */
export default function BlogLayoutWithWays({children, toc, ...props}: Props): ReactNode {
  const {pathname} = useLocation();
  const blog = useBaseUrl('/blog/');
  const isList = pathname === blog || pathname.startsWith(`${blog}page/`);
  return (
    <BlogLayout {...props} toc={toc && <nav aria-label="On this page">{toc}</nav>}>
      <BlogWays />
      {isList && <Heading as="h1">Blog</Heading>}
      {children}
    </BlogLayout>
  );
}
