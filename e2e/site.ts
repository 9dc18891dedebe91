import {readFileSync} from 'node:fs';
import path from 'node:path';
import type {Browser, BrowserContextOptions, Page} from 'playwright-core';
import {afterAll, beforeAll, describe, inject} from 'vitest';
import {findChromium, launchBrowser} from '../tools/browser/index.ts';

/** Folder of the built site. */
export const buildFolder = path.resolve(import.meta.dirname, '../build');

/** A group of tests that needs a browser: skipped, and counted as such, where there is none. */
export const describeInBrowser = describe.skipIf(findChromium() === null);

/** Widths that are tested: a phone's and a desktop's. */
export const viewports = {phone: {width: 390, height: 844}, desktop: {width: 1440, height: 900}} as const;
export type Width = keyof typeof viewports;

/**
 * The kinds of pages, told by their paths below the base path; a page is of the first kind that fits. All that the
 * site map lists must be of one: a new kind is to be added here, and is then tested like the others.
 */
const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['landing', /^$/],
  ['start', /^docs\/start\/$/],
  ['setup', /^docs\/setup\/$/],
  ['glossary', /^docs\/glossary\/$/],
  ['chapter', /^docs\/[a-z0-9-]+\/$/],
  ['blog', /^blog\/(page\/\d+\/)?$/],
  ['archive', /^blog\/archive\/$/],
  ['tags', /^blog\/tags\/$/],
  ['tag', /^blog\/tags\/.+$/],
  ['authors', /^blog\/authors\/$/],
  ['author', /^blog\/authors\/.+$/],
  ['post', /^blog\/.+$/],
  ['single page', /^[a-z0-9-]+\/$/],
];

/** A page of the site. */
export type SitePage = {
  /** Path below the base path, without a leading slash; empty for the landing page. */
  path: string;
  kind: string;
};

/** Every page that the build's site map lists, and the page for what is not there. */
export function pages(): SitePage[] {
  const map = readFileSync(path.join(buildFolder, 'sitemap.xml'), 'utf8');
  const base = process.env.BASE_URL ?? '/';
  const listed = [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => {
    const target = decodeURI(new URL(address ?? '').pathname).slice(base.length);
    const kind = kinds.find(([, pattern]) => pattern.test(target))?.[0];
    if (!kind) throw new Error(`e2e/site.ts: ${target} is of no known kind; add it to "kinds"`);
    return {path: target, kind};
  });
  return [...listed, {path: 'no/such/page/', kind: 'not found'}];
}

/** One page of each kind. */
export function onePageOfEachKind(): SitePage[] {
  return [
    ...new Map(
      pages()
        .reverse()
        .map((page) => [page.kind, page]),
    ).values(),
  ].reverse();
}

/** What a visit brought to light that no page may have. */
export type Complaints = {
  /** Requests to another origin. */
  foreign: string[];
  /** Messages on the console of level error or warning, and exceptions nobody caught. */
  console: string[];
  /** Violations of the content-security policy. */
  policy: string[];
  /** Requests that failed, or were answered by an error. */
  broken: string[];
};

/** A browser for the tests of one file, opened before and closed after them. */
export function useBrowser(): {open: (options?: BrowserContextOptions) => Promise<Visit>; url: (target: string) => string} {
  let browser: Browser | undefined;
  if (findChromium() !== null) {
    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser?.close());
  }
  return {
    url: (target) => new URL(target, inject('site')).href,
    open: async (options = {}) => {
      if (!browser) throw new Error('no browser');
      const context = await browser.newContext({viewport: viewports.desktop, reducedMotion: 'no-preference', ...options});
      const page = await context.newPage();
      return new Visit(page);
    },
  };
}

/** A page in a browser profile of its own, and what it does that it must not. */
export class Visit {
  readonly page: Page;
  readonly complaints: Complaints = {foreign: [], console: [], policy: [], broken: []};

  constructor(page: Page) {
    this.page = page;
    const {origin} = new URL(inject('site'));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) this.complaints.foreign.push(url);
    });
    page.on('requestfailed', (request) => {
      // What a page stops waiting for, when it is left, is no fault of it.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED')
        this.complaints.broken.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400 && !this.#expected.has(response.url()))
        this.complaints.broken.push(`${response.url()}: ${response.status()}`);
    });
    page.on('pageerror', (error) => this.complaints.console.push(error.stack ?? error.message));
    page.on('console', (message) => {
      const {url} = message.location();
      if (this.#expected.has(url)) return;
      if (/Content.Security.Policy/i.test(message.text())) this.complaints.policy.push(message.text());
      else if (message.type() === 'error' || message.type() === 'warning') this.complaints.console.push(`${message.text()} (${url})`);
    });
  }

  readonly #expected = new Set<string>();

  /** Opens a page of the site and waits until it has loaded and, with JavaScript, come alive. */
  async goto({path: target, kind}: SitePage): Promise<void> {
    const url = new URL(target, inject('site')).href;
    if (kind === 'not found') this.#expected.add(url);
    await this.page.goto(url, {waitUntil: 'load'});
    await this.page.waitForLoadState('networkidle');
  }

  /** Scrolls through the page like a reader, so that all that waits to be seen is loaded; ends at the bottom. */
  async readThrough(): Promise<void> {
    const height = await this.page.evaluate(() => document.documentElement.scrollHeight);
    const step = this.page.viewportSize()?.height ?? 800;
    for (let top = 0; top < height; top += step * 0.8) {
      await this.page.evaluate((y) => window.scrollTo({top: y, behavior: 'instant'}), top);
      await this.page.waitForTimeout(50);
    }
    await this.page.waitForLoadState('networkidle');
    await this.page.waitForTimeout(250);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
