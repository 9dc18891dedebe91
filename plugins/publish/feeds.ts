import path from 'node:path';
import {generateAtomFeed, generateJsonFeed, generateRssFeed} from 'feedsmith';
import {writeAtomically} from '../../host/files.ts';

/** An entry of a feed. */
export type FeedEntry = {
  /** Absolute address, which is the entry's identity too. */
  url: string;
  title: string;
  /** Plain text. */
  summary: string;
  /** HTML with absolute addresses; without it a reader follows the link. */
  content?: string;
  published: Date;
  /** When it last changed; never before `published`. */
  updated: Date;
  tags: readonly string[];
};

/** A feed, which is written in each of its forms. */
export type Feed = {
  /** Folder below the base path that it is written to, such as `blog`. */
  folder: string;
  title: string;
  description: string;
  /** Absolute address of the page that lists what the feed has. */
  home: string;
  author: {name: string; url: string};
  rights: string;
  /** Newest first, by the day of publication. */
  entries: readonly FeedEntry[];
};

/** The forms of a feed: RFC 4287, RSS 2.0 and JSON Feed 1.1. */
export const forms = [
  {file: 'atom.xml', name: 'Atom', type: 'application/atom+xml'},
  {file: 'rss.xml', name: 'RSS', type: 'application/rss+xml'},
  {file: 'feed.json', name: 'JSON', type: 'application/feed+json'},
] as const;

/** The feeds that every page names in its head, by folder. */
export const announced = [
  {folder: 'blog', title: 'Posts'},
  {folder: 'docs', title: 'Chapters'},
  {folder: 'changes', title: 'Changes'},
] as const;

/** A date of the series' or the change log's, as YYYY-MM-DD: the beginning of that day in UTC. @throws Error when it is not one */
export function day(text: string): Date {
  const date = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(date.getTime()))
    throw new Error(`${JSON.stringify(text)} is not a day such as 2026-04-28`);
  return date;
}

/**
 * The feed in all its forms, by file name. Its date is that of its latest entry, so that a build without news writes
 * the same bytes.
 *
 * @param base absolute address of the site, ending in `/`
 */
export function writeForms(feed: Feed, base: string): Record<(typeof forms)[number]['file'], string> {
  const self = (file: string): string => `${base}${feed.folder}/${file}`;
  const updated = new Date(Math.max(...feed.entries.map((entry) => entry.updated.getTime())));
  return {
    'atom.xml': generateAtomFeed({
      id: feed.home,
      title: {value: feed.title},
      subtitle: {value: feed.description},
      updated,
      authors: [{name: feed.author.name, uri: feed.author.url}],
      rights: {value: feed.rights},
      icon: `${base}img/icon-32.png`,
      links: [
        {rel: 'self', type: 'application/atom+xml', href: self('atom.xml')},
        {rel: 'alternate', type: 'text/html', href: feed.home},
      ],
      entries: feed.entries.map((entry) => ({
        id: entry.url,
        title: {value: entry.title},
        links: [{rel: 'alternate', type: 'text/html', href: entry.url}],
        published: entry.published,
        updated: entry.updated,
        summary: {value: entry.summary},
        ...(entry.content === undefined ? {} : {content: {type: 'html', value: entry.content}}),
        categories: entry.tags.map((term) => ({term})),
      })),
    }),
    'rss.xml': generateRssFeed({
      title: feed.title,
      link: feed.home,
      description: feed.description,
      language: 'en',
      copyright: feed.rights,
      lastBuildDate: updated,
      atom: {links: [{rel: 'self', type: 'application/rss+xml', href: self('rss.xml')}]},
      items: feed.entries.map((entry) => ({
        title: entry.title,
        link: entry.url,
        guid: {value: entry.url, isPermaLink: true},
        pubDate: entry.published,
        description: entry.summary,
        ...(entry.content === undefined ? {} : {content: {encoded: entry.content}}),
        categories: entry.tags.map((name) => ({name})),
        dc: {creators: [feed.author.name]},
      })),
    }),
    'feed.json': `${JSON.stringify(
      generateJsonFeed({
        title: feed.title,
        description: feed.description,
        home_page_url: feed.home,
        feed_url: self('feed.json'),
        icon: `${base}img/icon-180.png`,
        language: 'en',
        authors: [feed.author],
        items: feed.entries.map((entry) => ({
          id: entry.url,
          url: entry.url,
          title: entry.title,
          summary: entry.summary,
          content_html: entry.content ?? `<p><a href="${entry.url}">Read it on the site</a></p>`,
          date_published: entry.published,
          date_modified: entry.updated,
          tags: [...entry.tags],
        })),
      }),
      null,
      1,
    )}\n`,
  };
}

/** Writes feeds below the built site, in all forms. @param base absolute address of the site, ending in `/` */
export function writeFeeds(outDir: string, feeds: readonly Feed[], base: string): void {
  for (const feed of feeds.filter(({entries}) => entries.length > 0)) {
    for (const [file, text] of Object.entries(writeForms(feed, base))) writeAtomically(path.join(outDir, feed.folder, file), text);
  }
}
