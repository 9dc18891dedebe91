import type {Config} from '@docusaurus/types';
import type {Options, ThemeConfig} from '@docusaurus/preset-classic';

import diagrams, {remarkDiagrams} from './plugins/diagrams/index.ts';
import experiments, {remarkExperiments} from './plugins/experiments/index.ts';
import highlight, {remarkHighlight} from './plugins/highlight/index.ts';
import listings, {remarkListings} from './plugins/listings/index.ts';
import pages from './plugins/markdown/index.ts';
import pictures, {remarkPictures} from './plugins/pictures/index.ts';
import publish from './plugins/publish/index.ts';
import {datedSitemap, lastChange} from './plugins/publish/sitemap.ts';
import {prose, withReadingTime} from './plugins/markdown/reading-time.ts';
import {remarkRepository} from './plugins/markdown/repository.ts';
import recordings, {remarkRecordings} from './plugins/recordings/index.ts';
import scripts from './plugins/recordings/scripts.ts';
import staticHtml from './plugins/static-html/index.ts';
import teaching, {remarkProofs, remarkRecall, remarkStages, remarkUnclear} from './plugins/teaching/index.ts';
import {recmaSegments, rehypeSegments} from './plugins/static-html/segments.ts';
import {homeRepository} from './src/data/repository.ts';
import {author} from './src/data/series.ts';

type MdxPlugins = NonNullable<Exclude<Options['docs'], false | undefined>['remarkPlugins']>;

/** Where the site is served. A fork sets these to publish under its own address. */
const url = process.env.SITE_URL ?? 'https://sheep-and-shepherd.github.io';
const baseUrl = process.env.BASE_URL ?? '/';
/** Source repository, for "edit this page" and listing links. */
const repository = process.env.REPOSITORY_URL ?? homeRepository;

/**
 * Remark plugins for docs, blog and pages alike. Each rewrites its nodes into components with props, in this order:
 * questions of other chapters, the repository's address, stages, proofs, listings, experiments, diagrams, pictures,
 * recordings, highlight, links to ask about what is unclear.
 */
const remarkPlugins: MdxPlugins = [
  [remarkRecall, {siteDir: __dirname}],
  [remarkRepository, {repository}],
  [remarkStages, {siteDir: __dirname, repository, branch: 'main'}],
  [remarkProofs, {siteDir: __dirname}],
  [remarkListings, {siteDir: __dirname}],
  [remarkExperiments, {siteDir: __dirname}],
  [remarkDiagrams, {siteDir: __dirname, draw: process.env.NODE_ENV !== 'production'}],
  [remarkPictures, {siteDir: __dirname}],
  [remarkRecordings, {siteDir: __dirname}],
  [remarkHighlight, {siteDir: __dirname, repository, branch: 'main'}],
  [remarkUnclear, {siteDir: __dirname, repository, site: `${url}${baseUrl}`}],
];

/** What of a page needs no script is left out of it. `npm start` keeps it there, where it is renewed as it is written. */
const withoutScript: {rehypePlugins?: MdxPlugins; recmaPlugins?: MdxPlugins} =
  process.env.NODE_ENV === 'production' ? {rehypePlugins: [[rehypeSegments, {siteDir: __dirname}]], recmaPlugins: [recmaSegments]} : {};

const config: Config = {
  title: 'Sheep & Shepherd',
  tagline: 'Build a container runtime and an orchestrator in Go, one chapter at a time',
  url,
  baseUrl,
  baseUrlIssueBanner: false,
  favicon: 'img/logo.svg',
  trailingSlash: true,
  onBrokenLinks: 'throw',
  onBrokenAnchors: 'throw',
  onDuplicateRoutes: 'throw',
  i18n: {defaultLocale: 'en', locales: ['en']},
  future: {v4: true},
  markdown: {
    parseFrontMatter: withReadingTime(__dirname),
    hooks: {onBrokenMarkdownLinks: 'throw', onBrokenMarkdownImages: 'throw'},
  },
  staticDirectories: ['static', '.derived'],
  clientModules: [
    './src/reader/record-place.ts',
    './src/reader/open-for-print.ts',
    './src/reader/predict.ts',
    './src/reader/unclear.ts',
    './src/site/Search/focus-on-arrival.ts',
    './src/theme/CodeBlock/copy.ts',
  ],
  plugins: [
    pages,
    staticHtml,
    (context) => listings(context, {sources: ['code']}),
    experiments,
    diagrams,
    pictures,
    highlight,
    recordings,
    scripts,
    teaching,
    publish,
  ],
  presets: [
    [
      'classic',
      {
        docs: {
          sidebarPath: './sidebars.ts',
          editUrl: `${repository}/edit/main/`,
          showLastUpdateTime: true,
          breadcrumbs: false,
          remarkPlugins,
          ...withoutScript,
        },
        pages: {remarkPlugins, ...withoutScript},
        blog: {
          editUrl: `${repository}/edit/main/`,
          remarkPlugins,
          ...withoutScript,
          blogTitle: 'Blog',
          blogDescription: 'Stories from building Sheep and Shepherd',
          blogSidebarCount: 0,
          showLastUpdateTime: true,
          showReadingTime: true,
          readingTime: ({content, locale, defaultReadingTime}) => defaultReadingTime({content: prose(content), locale}),
          tags: 'tags.yml',
          onUntruncatedBlogPosts: 'throw',
          onInlineTags: 'throw',
          onInlineAuthors: 'throw',
          // plugins/publish writes the feeds: of posts, chapters and changes.
          feedOptions: {type: null},
        },
        sitemap: {
          lastmod: 'date',
          changefreq: null,
          priority: null,
          createSitemapItems: datedSitemap(__dirname, {'/changes/': () => lastChange(__dirname, ['CHANGELOG.md'])}),
        },
        theme: {
          customCss: [
            './src/css/tokens.css',
            './src/css/site.css',
            './src/css/code.css',
            './src/css/diagram.css',
            './src/css/picture.css',
            './src/css/print.css',
          ],
        },
      } satisfies Options,
    ],
  ],
  themeConfig: {
    navbar: {
      title: 'Sheep & Shepherd',
      items: [
        {type: 'docSidebar', sidebarId: 'series', label: 'Chapters', position: 'left'},
        {to: '/blog/', label: 'Blog', position: 'left'},
      ],
    },
    // Code is coloured by src/css/code.css; the theme's own colours would only weigh on every page.
    prism: {theme: {plain: {}, styles: []}},
    footer: {
      links: [
        {
          title: 'Series',
          items: [
            {label: 'Start here', to: '/docs/start/'},
            {label: 'All chapters', to: '/#chapters'},
            {label: 'Changes', to: '/changes/'},
          ],
        },
        {
          title: 'Blog',
          items: [
            {label: 'All posts', to: '/blog/'},
            {label: 'Archive', to: '/blog/archive/'},
            {label: 'Tags', to: '/blog/tags/'},
            {label: 'Authors', to: '/blog/authors/'},
            {label: 'More from the author', to: '/more/'},
          ],
        },
        {
          title: 'Feeds',
          items: [
            {label: 'New chapters', to: 'pathname:///docs/atom.xml'},
            {label: 'Posts', to: 'pathname:///blog/atom.xml'},
            {label: 'Posts (RSS)', to: 'pathname:///blog/rss.xml'},
            {label: 'Posts (JSON)', to: 'pathname:///blog/feed.json'},
            {label: 'Changes', to: 'pathname:///changes/atom.xml'},
          ],
        },
        {
          title: 'Project',
          items: [
            {label: 'Source', href: repository},
            {label: 'Contribute', href: `${repository}/blob/main/CONTRIBUTING.md`},
            {label: 'Licence', href: `${repository}/blob/main/LICENSE`},
          ],
        },
      ],
      copyright:
        `Author of the series: <a href="${author.url}">${author.name}</a>. ` +
        'Code under the <a href="https://opensource.org/license/mit">MIT licence</a>, ' +
        'text and pictures under <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>.',
    },
    metadata: [
      {property: 'og:type', content: 'website'},
      {property: 'og:site_name', content: 'Sheep & Shepherd'},
      {name: 'theme-color', media: '(prefers-color-scheme: light)', content: '#faf8f3'},
      {name: 'theme-color', media: '(prefers-color-scheme: dark)', content: '#111714'},
    ],
    colorMode: {respectPrefersColorScheme: true},
    tableOfContents: {minHeadingLevel: 2, maxHeadingLevel: 3},
  } satisfies ThemeConfig,
};

export default config;
