import {SearchEngine} from './engine';
import {indexFile, type Section} from '@site/src/data/search';

/**
 * Fetches the sections of the site and makes the search of them.
 *
 * @param baseUrl base path of the site, with a slash at the end
 * @throws Error when the index cannot be fetched: there is no connection, or the site was not built
 */
export async function loadSearch(baseUrl: string): Promise<SearchEngine> {
  const response = await fetch(`${baseUrl}${indexFile}`);
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return new SearchEngine((await response.json()) as Section[]);
}
