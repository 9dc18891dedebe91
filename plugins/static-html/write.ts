import path from 'node:path';
import {parse, serialize, type DefaultTreeAdapterTypes} from 'parse5';
import {writeAtomically} from '../../host/files.ts';

/**
 * Collects the segments of a built site's pages, and writes for each document the file that a page fetches when script
 * leads to it: `segments/<key>.json`, the markup of its segments in order.
 */
export class Segments {
  readonly #documents = new Map<string, string[]>();

  /** @param html a page; a document that is on several, as the summary of a post is, has the same segments on each */
  add(html: string): void {
    if (!html.includes('data-static=')) return;
    const walk = (node: DefaultTreeAdapterTypes.Node): void => {
      const id = 'attrs' in node ? node.attrs.find(({name}) => name === 'data-static')?.value : undefined;
      if (id !== undefined && 'childNodes' in node) {
        const [key = '', place = ''] = id.split('.');
        const segments = this.#documents.get(key) ?? [];
        segments[Number(place)] = serialize(node);
        this.#documents.set(key, segments);
      } else if ('childNodes' in node) node.childNodes.forEach(walk);
    };
    walk(parse(html));
  }

  /** @throws Error when a document lacks a segment: then two documents have one key */
  write(outDir: string): void {
    for (const [key, segments] of this.#documents) {
      if (Array.from(segments).includes(undefined as never)) throw new Error(`segments/${key}.json: a segment is on no page`);
      writeAtomically(path.join(outDir, 'segments', `${key}.json`), JSON.stringify(segments));
    }
  }
}
