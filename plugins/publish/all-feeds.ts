import {readFileSync} from 'node:fs';
import path from 'node:path';
import type {BlogContent} from '@docusaurus/plugin-content-blog';
import type {LoadedContent} from '@docusaurus/plugin-content-docs';
import type {DocusaurusConfig} from '@docusaurus/types';
import type {ChangeDay} from '../../src/data/changes.ts';
import {author, chapterPath, chapters, parts} from '../../src/data/series.ts';
import {changesHtml, changesText} from './changelog.ts';
import {feedContent} from './feed-content.ts';
import {day, type Feed, type FeedEntry} from './feeds.ts';

/** What the feeds are made of. */
export type Sources = {
  blog: BlogContent;
  docs: LoadedContent;
  changes: readonly ChangeDay[];
  /** Folder of the built site: the posts' own text is read from their pages. */
  outDir: string;
  siteConfig: Pick<DocusaurusConfig, 'title' | 'url' | 'baseUrl'>;
};

const later = (a: Date, b: Date): Date => (a > b ? a : b);

/** Posts, with their text. Drafts and unlisted posts are not announced. */
function posts({blog, outDir, siteConfig: {url, baseUrl}}: Sources): FeedEntry[] {
  return blog.blogPosts
    .filter(({metadata: {frontMatter, unlisted}}) => !frontMatter.draft && !unlisted)
    .map(({metadata: {permalink, title, description, date, lastUpdatedAt, tags}}) => {
      const address = `${url}${permalink.replace(/\/?$/, '/')}`;
      const page = path.join(outDir, permalink.slice(baseUrl.length), 'index.html');
      return {
        url: address,
        title,
        summary: description,
        content: feedContent(readFileSync(page, 'utf8'), address),
        published: date,
        updated: later(date, new Date(lastUpdatedAt ?? 0)),
        tags: tags.map(({label}) => label),
      };
    });
}

/** Written chapters, newest first. A chapter is long and made to be used, so the feed announces it and links to it. */
function newChapters({docs, siteConfig: {url, baseUrl}}: Sources): FeedEntry[] {
  const written = docs.loadedVersions.flatMap((version) => version.docs);
  return chapters
    .flatMap((chapter) => {
      const address = chapterPath(chapter);
      if (address === undefined || chapter.since === undefined) return [];
      const doc = written.find(({id}) => id === chapter.doc);
      const published = day(chapter.since);
      return {
        url: `${url}${baseUrl}${address.slice(1)}`,
        title: `Chapter ${chapter.number}: ${chapter.title}`,
        summary: doc?.description ?? chapter.gist,
        published,
        updated: later(published, new Date(doc?.lastUpdatedAt ?? 0)),
        tags: parts.filter(({part}) => part === chapter.part).map(({title}) => title),
      };
    })
    .reverse();
}

/** All feeds of the site. */
export function allFeeds(sources: Sources): Feed[] {
  const {title, url, baseUrl} = sources.siteConfig;
  const site = `${url}${baseUrl}`;
  const common = {author: {name: title, url: site}, rights: `Text: CC BY 4.0. Series by ${author.name}.`};
  return [
    {
      ...common,
      folder: 'blog',
      title: `${title}: posts`,
      description: 'Stories from building Sheep and Shepherd.',
      home: `${site}blog/`,
      entries: posts(sources),
    },
    {
      ...common,
      folder: 'docs',
      title: `${title}: chapters`,
      description: 'Each new chapter of the series that builds a container runtime and an orchestrator in Go.',
      home: `${site}docs/start/`,
      entries: newChapters(sources),
    },
    {
      ...common,
      folder: 'changes',
      title: `${title}: changes`,
      description: 'What is new in the chapters, in the code and on the site.',
      home: `${site}changes/`,
      entries: sources.changes.map((changes) => ({
        url: `${site}changes/#day-${changes.date}`,
        title: `${changes.date}: ${[...new Set(changes.changes.map(({subject}) => subject))].join(', ')}`,
        summary: changesText(changes),
        content: changesHtml(changes),
        published: day(changes.date),
        updated: day(changes.date),
        tags: [],
      })),
    },
  ];
}
