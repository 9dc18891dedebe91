import path from 'node:path';
import {writeAtomically} from '../../host/files.ts';
import {chapterPath, chapters} from '../../src/data/series.ts';
import {indexFile, type Section} from '../../src/data/search.ts';
import {sectionsOf} from './sections.ts';

/**
 * Collects the sections of a built site's pages, and writes the index that the search dialog fetches: the sections as
 * JSON. The reader's browser makes the inverted index of it, which is larger and takes less time to make than to send.
 */
export class SearchIndex {
  readonly #sections: Section[] = [];

  /**
   * @param html the page
   * @param address its path below the base path
   * @throws Error when the page has no text to search
   */
  add(html: string, address: string): void {
    const chapter = chapters.find((candidate) => chapterPath(candidate) === `/${address}`);
    this.#sections.push(...sectionsOf(html, address, chapter ? [`Chapter ${chapter.number}`] : []));
  }

  write(outDir: string): void {
    writeAtomically(path.join(outDir, indexFile), JSON.stringify(this.#sections));
  }
}
