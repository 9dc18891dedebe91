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

/**
 * Budgets by kind of page; see tools/site for the kinds. Docusaurus keeps the addresses of all pages in the script that
 * each of them loads, so a chapter with its post and tag makes that script about 200 bytes larger for everybody.
 */
export const budgets: readonly {kind: string; budget: Budget}[] = [
  {kind: 'landing', budget: {js: 119_500, css: 23_600, html: 20_000, other: 50_000, requests: 16}},
  {kind: 'chapter', budget: {js: 135_500, css: 23_600, html: 60_000, other: 40_000, requests: 18}},
  {kind: 'post', budget: {js: 134_000, css: 23_600, html: 12_000, other: 40_000, requests: 18}},
];

/**
 * What a page's files may weigh in all, when it is read to its end and its recordings are played: bytes by kind of file,
 * compressed with brotli where that makes them smaller. It is told from the files of the build, so every page has a
 * budget; what a script loads as it runs is in the budgets above.
 */
export type Weight = {
  html: number;
  css: number;
  /** Scripts that the document names. */
  js: number;
  /** Pictures, icons of the site (4.7 kB) and all other media. */
  pictures: number;
  fonts: number;
  /** Recordings, as the player fetches them. */
  recordings: number;
};

/** On every page: the site's styles, scripts and heading face. */
const everywhere = {css: 23_600, js: 110_000, fonts: 30_000};
/** A page that lists or leads on. */
const list: Weight = {...everywhere, html: 12_000, pictures: 10_000, recordings: 0};
/** A page that is read. */
const text: Weight = {...everywhere, html: 20_000, pictures: 150_000, recordings: 30_000};

/** Weights by kind of page; see tools/site/pages.ts for the kinds. */
export const weights: readonly {kind: string; budget: Weight}[] = [
  {kind: 'landing', budget: {...list, recordings: 10_000}},
  {kind: 'chapter', budget: {...text, html: 60_000, recordings: 60_000}},
  ...['start', 'setup', 'glossary', 'doc', 'post', 'single page'].map((kind) => ({kind, budget: text})),
  ...['blog', 'archive', 'tags', 'tag', 'authors', 'author', 'not found'].map((kind) => ({kind, budget: list})),
  // Leads on without scripts and styles.
  {kind: 'redirect', budget: {html: 1_000, css: 0, js: 0, pictures: 0, fonts: 0, recordings: 0}},
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
  e2e: 15,
  go: 12,
  sessions: 9,
  vm: 22,
};

/** Minutes that all of `npm test` may take there: two stages run at a time. */
export const totalMinutes = 40;

/** Minutes that a workflow may take beside its stages: to set a machine up, install packages, pass on what it made. */
export const setUpMinutes = 10;
