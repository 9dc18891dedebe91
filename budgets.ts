/**
 * What a page may cost its reader, before anything on it is used. Sizes are bytes, compressed with brotli; what is
 * fetched ahead for other pages is not in them. `npm test` holds the built site to them.
 */
export type Budget = {
  /** Scripts. */
  js: number;
  /** Style sheets. */
  css: number;
  /** The document. */
  html: number;
  /** Pictures, fonts, data. */
  other: number;
  /** Requests in all. */
  requests: number;
};

/** Budgets by kind of page; see tools/site for the kinds. */
export const budgets: readonly {kind: string; budget: Budget}[] = [
  {kind: 'landing', budget: {js: 130_000, css: 20_000, html: 20_000, other: 50_000, requests: 16}},
  {kind: 'chapter', budget: {js: 140_000, css: 20_000, html: 60_000, other: 40_000, requests: 18}},
  {kind: 'post', budget: {js: 135_000, css: 20_000, html: 12_000, other: 40_000, requests: 18}},
];
