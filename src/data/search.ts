/** A part of a page with an address of its own: what stands from one heading to the next, whatever their levels. */
export type Section = {
  /** Path of the page below the base path, with the heading's id: `docs/namespaces/#pid-1`. No id at the page's top. */
  readonly url: string;
  /** Title of the page. */
  readonly page: string;
  /** Heading of the section; at the page's top, the page's title. */
  readonly title: string;
  /** Headings of the sections that this one is in, outermost first, one a line. */
  readonly within?: string;
  /**
   * What says beside the heading what the section is about: words set in bold; at the page's top also the chapter's number
   * and the keywords of the front matter.
   */
  readonly also?: string;
  /** Prose, one line a block. */
  readonly text: string;
  /** Listings, commands and the transcripts of recordings. */
  readonly code: string;
};

/** Where the index of all sections is, below the base path. It is written when the site is built. */
export const indexFile = 'search-index.json';
