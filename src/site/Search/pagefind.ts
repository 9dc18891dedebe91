/** What this site uses of Pagefind's browser API. */
export type Pagefind = {
  options(options: {baseUrl: string; excerptLength: number}): Promise<void>;
  init(): Promise<void>;
  /** Null when a later search has overtaken this one. */
  debouncedSearch(query: string, options: object, wait: number): Promise<{results: {data(): Promise<PageResult>}[]} | null>;
};

/** A place on a page, with the text around the words found: escaped HTML, the words in `<mark>`. */
export type Hit = {title: string; url: string; excerpt: string};

export type PageResult = {url: string; excerpt: string; meta: {title: string}; sub_results: Hit[]};

/** What was found on one page: the page, and below it the sections that have the words. */
export type Found = {page: Hit; sections: Hit[]};

const maximumSections = 3;

/**
 * A page's result with its sections, best first as Pagefind ranks them, without the part that precedes the first
 * heading: that is the page itself.
 */
export function found({url, excerpt, meta, sub_results: hits}: PageResult): Found {
  return {page: {title: meta.title, url, excerpt}, sections: hits.filter((hit) => hit.url.includes('#')).slice(0, maximumSections)};
}

/**
 * Pagefind's script, which is made when the site is built and is not part of the bundle.
 *
 * @param baseUrl base path of the site, with a slash at the end
 */
export async function loadPagefind(baseUrl: string): Promise<Pagefind> {
  const script = `${baseUrl}pagefind/pagefind.js`;
  const pagefind = (await import(/* webpackIgnore: true */ script)) as Pagefind;
  await pagefind.options({baseUrl, excerptLength: 24});
  await pagefind.init();
  return pagefind;
}
