import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import type {BlogContent} from '@docusaurus/plugin-content-blog';
import type {LoadedContent} from '@docusaurus/plugin-content-docs';
import type {LoadContext, Plugin, RouteConfig} from '@docusaurus/types';
import {writeAtomically} from '../../host/files.ts';
import type {ChangeDay} from '../../src/data/changes.ts';
import {redirects} from '../../src/data/redirects.ts';
import {chapterPath, chapters, parts} from '../../src/data/series.ts';
import {readChangelog} from './changelog.ts';
import {withPolicy} from './csp.ts';
import {allFeeds} from './all-feeds.ts';
import {earlySearchScript} from './early-search.ts';
import {announced, forms, writeFeeds} from './feeds.ts';
import {withoutAddress} from './head.ts';
import {writeRedirects} from './redirects.ts';
import {SearchIndex} from './search-index.ts';
import {CardPainter, openGraph, withCard, type Card} from './social-cards.ts';
import {icon} from './logo.ts';
import {Segments} from '../static-html/write.ts';

/** Components whose pages are searched: docs, blog posts and the list of posts elsewhere, but no lists of what is here. */
const searched = new Set(['@theme/DocItem', '@theme/BlogPostPage', '@theme/MDXPage', '@site/src/pages/more.tsx']);

/** A tab where no SVG icon is understood, and a phone's home screen. */
const iconSizes = [32, 180];

function leaves(routes: readonly RouteConfig[]): RouteConfig[] {
  return routes.flatMap((route) => (route.routes ? leaves(route.routes) : [route]));
}

/**
 * A page that fetches its fonts along with its stylesheet. A font with `font-display: optional` is otherwise asked for
 * too late to be used on a first visit.
 */
function withFonts(html: string, fonts: readonly string[]): string {
  const links = fonts.map((font) => `<link rel="preload" href="${font}" as="font" type="font/woff2" crossorigin>`).join('');
  return html.replace('<link rel=stylesheet', (stylesheet) => links + stylesheet);
}

/** What a page's card says, from the page's own title and description and from its place in the series. */
function cardOf(address: string, html: string, site: {title: string; tagline: string}): Card {
  const {title = site.title, description} = openGraph(html);
  if (address === '') return {title: site.tagline};
  const card = {title: title.replace(` | ${site.title}`, ''), description};
  const chapter = chapters.find((candidate) => chapterPath(candidate) === `/${address}`);
  const part = parts.find((candidate) => candidate.part === chapter?.part);
  if (chapter && part) {
    return {...card, part: part.part, eyebrow: `${part.name} · Chapter ${chapter.number} of ${chapters.length}`};
  }
  return address.startsWith('blog/') ? {...card, eyebrow: 'Blog'} : card;
}

/**
 * The page of changes, and all that is done to the site once its pages are written, in the order in which it must be done:
 * social cards, font preloads, content security policy, feeds, redirects, robots.txt, search index, segments. One plugin does it,
 * because Docusaurus runs the `postBuild` hooks of several at once.
 */
export default function publish(context: LoadContext): Plugin {
  const changelog = path.join(context.siteDir, 'CHANGELOG.md');
  let changes: ChangeDay[] = [];
  let blog: BlogContent | undefined;
  let docs: LoadedContent | undefined;
  return {
    name: 'publish',
    getPathsToWatch: () => [changelog],
    loadContent() {
      const folder = path.join(context.siteDir, '.derived/img');
      for (const size of iconSizes) writeAtomically(path.join(folder, `icon-${size}.png`), icon(context.siteDir, size));
      changes = readChangelog(readFileSync(changelog, 'utf8'), 'CHANGELOG.md');
    },
    async contentLoaded({actions}) {
      const days = await actions.createData('changes.json', changes);
      actions.addRoute({path: `${context.baseUrl}changes/`, component: '@site/src/site/Changes', modules: {days}, exact: true});
    },
    allContentLoaded({allContent}) {
      blog = allContent['docusaurus-plugin-content-blog']?.default as BlogContent | undefined;
      docs = allContent['docusaurus-plugin-content-docs']?.default as LoadedContent | undefined;
    },
    injectHtmlTags: () => ({
      headTags: [
        {tagName: 'script', innerHTML: earlySearchScript},
        {tagName: 'link', attributes: {rel: 'icon', sizes: '32x32', type: 'image/png', href: `${context.baseUrl}img/icon-32.png`}},
        {tagName: 'link', attributes: {rel: 'apple-touch-icon', href: `${context.baseUrl}img/icon-180.png`}},
        ...announced.flatMap(({folder, title}) =>
          forms
            .filter(({name}) => folder === 'blog' || name === 'Atom')
            .map(({file, name, type}) => ({
              tagName: 'link',
              attributes: {
                rel: 'alternate',
                type,
                href: `${context.baseUrl}${folder}/${file}`,
                title: `${context.siteConfig.title}: ${title} (${name})`,
              },
            })),
        ),
      ],
    }),
    async postBuild({outDir, routes, siteDir, siteConfig}) {
      const {url, baseUrl} = siteConfig;
      const painter = new CardPainter(siteDir, path.join(context.siteDir, 'node_modules/.cache/social-cards'));
      const fonts = readdirSync(path.join(outDir, 'assets/fonts')).map((font) => `${baseUrl}assets/fonts/${font}`);
      const index = new SearchIndex();
      const segments = new Segments();
      const components = new Map(leaves(routes).map(({path: route, component}) => [route, component]));
      const files = readdirSync(outDir, {recursive: true, encoding: 'utf8'}).filter((file) => file.endsWith('.html'));
      for (const file of files.sort()) {
        const full = path.join(outDir, file);
        let html = readFileSync(full, 'utf8');
        // Static folders hold fragments of HTML, which are not pages.
        if (!/^<!doctype html>/i.test(html)) continue;
        const address = file
          .split(path.sep)
          .join('/')
          .replace(/index\.html$/, '');
        if (file === '404.html') html = withoutAddress(html);
        const card = cardOf(address, html, siteConfig);
        const {name, png} = await painter.paint(card);
        writeAtomically(path.join(outDir, 'cards', name), png);
        html = withCard(html, {url: `${url}${baseUrl}cards/${name}`, alt: card.title});
        html = withFonts(html, fonts);
        html = withPolicy(html, file);
        segments.add(html);
        if (searched.has(components.get(`${baseUrl}${address}`) ?? '')) index.add(html, address);
        writeAtomically(full, html);
      }
      if (blog && docs) writeFeeds(outDir, allFeeds({blog, docs, changes, outDir, siteConfig}), `${url}${baseUrl}`);
      writeRedirects(outDir, redirects, {url, baseUrl});
      writeAtomically(path.join(outDir, 'robots.txt'), `User-agent: *\nAllow: /\n\nSitemap: ${url}${baseUrl}sitemap.xml\n`);
      index.write(outDir);
      segments.write(outDir);
    },
  };
}
