/**
 * What a page may cost its reader, before anything on it is used. Sizes are bytes, compressed with brotli; what is
 * fetched ahead for other pages is not in them. `npm test` fails when the built site exceeds one.
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
  {kind: 'landing', budget: {js: 130_000, css: 21_600, html: 20_000, other: 50_000, requests: 16}},
  {kind: 'chapter', budget: {js: 140_000, css: 21_600, html: 60_000, other: 40_000, requests: 18}},
  {kind: 'post', budget: {js: 135_000, css: 21_600, html: 12_000, other: 40_000, requests: 18}},
];

/**
 * Minutes that each stage of `npm test` may take on two cores with every cache empty and the other stages running beside
 * it. `npm test` notes the ones that took longer and fails nothing: correctness does not depend on time.
 */
export const stageMinutes: Readonly<Record<string, number>> = {
  types: 1,
  lint: 6,
  unit: 4,
  build: 4,
  e2e: 12,
  go: 12,
  vm: 26,
};

/** Minutes that all of `npm test` may take there: two stages run at a time. */
export const totalMinutes = 40;

/** Minutes that a workflow may take beside its stages: to set a machine up, install packages, pass on what it made. */
export const setUpMinutes = 10;
