import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import type {Options} from '@docusaurus/preset-classic';
import type {RouteConfig} from '@docusaurus/types';

type CreateItems = NonNullable<Exclude<Options['sitemap'], false | undefined>['createSitemapItems']>;

/** Last day on which one of some files was changed, as YYYY-MM-DD in UTC; undefined where the history does not say. */
export function lastChange(siteDir: string, files: readonly string[]): string | undefined {
  try {
    const seconds = execFileSync('git', ['log', '-1', '--format=%ct', '--', ...files], {
      cwd: siteDir,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
    return seconds ? new Date(Number(seconds) * 1000).toISOString().slice(0, 10) : undefined;
  } catch {
    // No git, or no repository: an archive of the sources has no history.
    return undefined;
  }
}

/** A page's own source and the data that it shows. */
export function sourcesOf(siteDir: string, source: string): string[] {
  const text = existsSync(path.join(siteDir, source)) ? readFileSync(path.join(siteDir, source), 'utf8') : '';
  return [source, ...[...text.matchAll(/from '@site\/(src\/data\/[\w-]+)'/g)].map(([, data]) => `${data ?? ''}.ts`)];
}

function leaves(routes: readonly RouteConfig[]): RouteConfig[] {
  return routes.flatMap((route) => [...(route.routes ? leaves(route.routes) : []), route]);
}

/** Sources of the posts that a list shows; null when the route is not a list of posts. */
function listed({modules}: RouteConfig): string[] | null {
  const items: unknown = modules?.items;
  if (!Array.isArray(items)) return null;
  return (items as {content?: {path?: string}}[]).flatMap(({content}) => content?.path ?? []);
}

const latest = (days: readonly (string | undefined)[]): string | undefined =>
  days
    .filter((day) => day !== undefined)
    .sort()
    .at(-1);
const dayOf = (time: unknown): string | undefined =>
  typeof time === 'string' ? time.slice(0, 10) : typeof time === 'number' ? new Date(time).toISOString().slice(0, 10) : undefined;

/**
 * The site map's entries, each with the day on which its page last changed. Docusaurus dates documents and posts. A list
 * of posts changes with those that it shows, and a page of components with its source and its data.
 *
 * @param dates days of pages that neither rule fits, by path below the base path
 */
export function datedSitemap(siteDir: string, dates: Readonly<Record<string, () => string | undefined>> = {}): CreateItems {
  return async ({defaultCreateSitemapItems, ...params}) => {
    const items = await defaultCreateSitemapItems(params);
    const {url, baseUrl} = params.siteConfig;
    const routes = leaves(params.routes);
    const byAddress = new Map(routes.map((route) => [`${url}${route.path.replace(/\/?$/, '/')}`, route]));
    const posts = new Map<string, string | undefined>();
    for (const item of items) {
      const content = byAddress.get(item.url)?.modules?.content;
      if (typeof content === 'string' && item.url.startsWith(`${url}${baseUrl}blog/`)) posts.set(content, dayOf(item.lastmod));
    }
    return items.map((item) => {
      const route = byAddress.get(item.url);
      if (item.lastmod || !route) return item;
      const address = item.url.slice(`${url}${baseUrl}`.length - 1);
      const source = route.metadata?.sourceFilePath;
      const shown = listed(route)?.map((post) => posts.get(post));
      const day =
        dates[address]?.() ??
        (shown && shown.length > 0 ? latest(shown) : undefined) ??
        (source ? lastChange(siteDir, sourcesOf(siteDir, source)) : latest([...posts.values()]));
      return {...item, lastmod: day ?? null};
    });
  };
}
