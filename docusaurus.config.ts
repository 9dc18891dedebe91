import type {Config} from '@docusaurus/types';
import type {Options, ThemeConfig} from '@docusaurus/preset-classic';

import highlight, {remarkHighlight} from './plugins/highlight/index.ts';
import listings, {remarkListings} from './plugins/listings/index.ts';
import staticHtml from './plugins/static-html/index.ts';

type MdxPlugins = NonNullable<Exclude<Options['docs'], false | undefined>['remarkPlugins']>;

/** Where the site is served. A fork sets these to publish under its own address. */
const url = process.env.SITE_URL ?? 'https://sheep-and-shepherd.github.io';
const baseUrl = process.env.BASE_URL ?? '/';
/** Source repository, for "edit this page" and listing links. */
const repository = process.env.REPOSITORY_URL ?? 'https://github.com/sheep-and-shepherd/sheep-and-shepherd';

/**
 * Remark plugins for docs, blog and pages alike. Each rewrites its nodes into components with props, in this order:
 * listings, diagrams, recordings, highlight.
 */
const remarkPlugins: MdxPlugins = [
  [remarkListings, {siteDir: __dirname}],
  [remarkHighlight, {siteDir: __dirname, repository, branch: 'main'}],
];

const config: Config = {
  title: 'Sheep & Shepherd',
  tagline: 'Build a container runtime and an orchestrator in Go, one chapter at a time',
  url,
  baseUrl,
  baseUrlIssueBanner: false,
  trailingSlash: true,
  onBrokenLinks: 'throw',
  onBrokenAnchors: 'throw',
  onDuplicateRoutes: 'throw',
  i18n: {defaultLocale: 'en', locales: ['en']},
  future: {v4: true},
  markdown: {mermaid: false, hooks: {onBrokenMarkdownLinks: 'throw', onBrokenMarkdownImages: 'throw'}},
  staticDirectories: ['static', '.derived'],
  clientModules: ['./src/place/record.ts'],
  plugins: [staticHtml, (context) => listings(context, {sources: ['code']}), highlight],
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
        },
        pages: {remarkPlugins},
        blog: {
          editUrl: `${repository}/edit/main/`,
          remarkPlugins,
          blogTitle: 'Blog',
          blogDescription: 'Stories from building Sheep and Shepherd',
          showReadingTime: true,
          onUntruncatedBlogPosts: 'throw',
          onInlineTags: 'throw',
          onInlineAuthors: 'throw',
          feedOptions: {type: 'all', title: 'Sheep & Shepherd'},
        },
        theme: {customCss: ['./src/css/tokens.css', './src/css/site.css', './src/css/code.css']},
      } satisfies Options,
    ],
  ],
  themeConfig: {
    navbar: {
      title: 'Sheep & Shepherd',
      items: [
        {type: 'docSidebar', sidebarId: 'series', label: 'Chapters', position: 'left'},
        {to: '/blog', label: 'Blog', position: 'left'},
      ],
    },
    // Code is coloured by src/css/code.css; the theme's own colours would only weigh on every page.
    prism: {theme: {plain: {}, styles: []}},
    colorMode: {respectPrefersColorScheme: true},
  } satisfies ThemeConfig,
};

export default config;
