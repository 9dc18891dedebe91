const addresses = new Set(['@id', 'url', 'mainEntityOfPage']);

/**
 * The theme's structured data with what it gets wrong put right: addresses of pages end as the pages' own do, so that
 * an id is the address that the page calls canonical; the site is an organisation and no person; empty lists are left out.
 *
 * @param site the site's name, and its address with base path
 */
export function corrected(data: unknown, site: {title: string; url: string}): unknown {
  if (Array.isArray(data)) return data.map((item) => corrected(item, site));
  if (typeof data !== 'object' || data === null) return data;
  const entries = Object.entries(data).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  const result: Record<string, unknown> = Object.fromEntries(
    entries.map(([key, value]) => {
      const isPage =
        addresses.has(key) && typeof value === 'string' && value.startsWith(site.url) && !/\.\w+$|[#?]/.test(value.slice(site.url.length));
      return [key, isPage ? value.replace(/\/?$/, '/') : corrected(value, site)];
    }),
  );
  return result['@type'] === 'Person' && result.name === site.title ? {...result, '@type': 'Organization', url: site.url} : result;
}
