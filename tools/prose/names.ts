import path from 'node:path';
import {suggest} from '../../plugins/markdown/problems.ts';

/** Name of a page by its file: without folder, ending and the number or date that orders it. */
export const nameOf = (file: string): string =>
  path.posix
    .basename(file)
    .replace(/\.mdx?$/, '')
    .replace(/^(?:\d{4}-\d\d-\d\d|\d+)-/, '');

/**
 * Pages that are meant by names, in the order of the names; all, when none is named.
 *
 * @param files all pages, from the root of the site
 * @param wanted names with or without number or date and ending, or files
 * @throws Error when a name is of no page
 */
export function choosePages(files: readonly string[], wanted: readonly string[]): string[] {
  if (wanted.length === 0) return [...files];
  return wanted.map((name) => {
    const found = files.find((file) => [file, path.posix.basename(file).replace(/\.mdx?$/, ''), nameOf(file)].includes(name));
    if (found === undefined) throw new Error(`there is no page “${name}”${suggest(name, files.map(nameOf))}`);
    return found;
  });
}
