import type {Browser, BrowserContextOptions, Page} from 'playwright-core';
import {afterAll, beforeAll, describe, inject} from 'vitest';
import {findHeadless, launchHeadless} from '../host/browser.ts';
import type {SitePage} from '../tools/site/pages.ts';

/** A group of tests that needs a browser: skipped, and counted as such, where there is none. */
export const describeInBrowser = describe.skipIf(findHeadless() === null);

/** Widths that are tested: a phone's and a desktop's. */
export const viewports = {phone: {width: 390, height: 844}, desktop: {width: 1440, height: 900}} as const;
export type Width = keyof typeof viewports;

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

/** A browser for the tests of one file, opened before and closed after them. `slowly` lets pages come in pieces. */
export function useBrowser(): {
  open: (options?: BrowserContextOptions & {slowly?: boolean}) => Promise<Visit>;
  url: (target: string) => string;
} {
  let browser: Browser | undefined;
  if (findHeadless() !== null) {
    beforeAll(async () => {
      browser = await launchHeadless();
    });
    afterAll(() => browser?.close());
  }
  return {
    url: (target) => new URL(target, inject('site')).href,
    open: async ({slowly = false, ...options} = {}) => {
      if (!browser) throw new Error('no browser');
      const context = await browser.newContext({viewport: viewports.desktop, reducedMotion: 'no-preference', ...options});
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      return new Visit(page, inject(slowly ? 'slowSite' : 'site'), options.javaScriptEnabled ?? true);
    },
  };
}

/** A page in a browser profile of its own, and what it does that it must not. */
export class Visit {
  readonly page: Page;
  readonly complaints: Complaints = {foreign: [], console: [], policy: [], broken: []};

  readonly #site: string;
  readonly #alive: string;

  /**
   * @param site address of the served build
   * @param scripts whether the browser runs scripts
   */
  constructor(page: Page, site: string, scripts: boolean) {
    this.page = page;
    this.#site = site;
    this.#alive = scripts ? 'html[data-has-hydrated="true"]' : 'html';
    const {origin} = new URL(site);
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) this.complaints.foreign.push(url);
    });
    page.on('requestfailed', (request) => {
      // What a page stops waiting for, when it is left, is not its fault.
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
    const url = new URL(target, this.#site).href;
    if (kind === 'not found') this.#expected.add(url);
    await this.page.goto(url, {waitUntil: 'load'});
    await this.page.waitForLoadState('networkidle');
    await this.comeAlive();
  }

  /** Waits until React answers: a busy machine is silent on the network long before, and a key pressed by then is lost. */
  async comeAlive(): Promise<void> {
    await this.page.waitForSelector(this.#alive, {state: 'attached'});
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
