import Link from '@docusaurus/Link';
import {HtmlClassNameProvider, PageMetadata, ThemeClassNames} from '@docusaurus/theme-common';
import type {Props} from '@theme/BlogArchivePage';
import BlogLayout from '@theme/BlogLayout';
import Heading from '@theme/Heading';
import type {ReactNode} from 'react';
import DatedList from '@site/src/site/DatedList';

/** All posts by year, newest first. The theme's own page skips a level of headings and stands apart from the blog. */
export default function BlogArchivePage({archive}: Props): ReactNode {
  return (
    <HtmlClassNameProvider className={ThemeClassNames.wrapper.blogPages}>
      <PageMetadata title="Archive" description="All posts of the blog by year, newest first." />
      <BlogLayout>
        <Heading as="h1">Archive</Heading>
        <DatedList
          heading="h2"
          entries={archive.blogPosts.map(({metadata: {date, title, permalink, description}}) => ({
            date: date.slice(0, 10),
            title: <Link to={permalink}>{title}</Link>,
            about: description,
          }))}
        />
      </BlogLayout>
    </HtmlClassNameProvider>
  );
}
