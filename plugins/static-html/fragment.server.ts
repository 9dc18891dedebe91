import {readFileSync} from 'node:fs';
import path from 'node:path';

/** Static folders, in the order in which Docusaurus looks through them. */
const folders = ['static', '.derived'];

/**
 * The markup of a static file, to be put into the HTML of a page when the site is built.
 *
 * @param src path below the site's static folders, such as `/diagrams/0123abcd.svg`
 * @throws Error when no static folder has the file
 */
export function fragment(src: string): string {
  for (const folder of folders) {
    try {
      return readFileSync(path.join(process.cwd(), folder, src), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`StaticHtml: ${src} is in none of the static folders (${folders.join(', ')})`);
}
