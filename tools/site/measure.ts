import {brotliCompressSync, constants} from 'node:zlib';
import type {Browser, Request} from 'playwright-core';

/** What a page costs its reader when it is opened, before anything on it is used. */
export type PageCost = {
  /** Bytes of scripts, compressed. */
  js: number;
  /** Bytes of style sheets, compressed. */
  css: number;
  /** Bytes of the document, compressed. */
  html: number;
  /** Bytes of all else (pictures, fonts, data), compressed where that makes them smaller. */
  other: number;
  /** Number of requests, the document's own included. */
  requests: number;
  /** Bytes of scripts fetched ahead for pages that may be opened next, compressed. They are in none of the above. */
  prefetched: number;
};

type Body = {size: number; type: string};
const bodies = new Map<string, Promise<Body>>();

/** Size of a file as a static host sends it: brotli at its best (quality 11), or as it is when that is smaller. Bytes. */
async function fetchBody(url: string): Promise<Body> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const body = Buffer.from(await response.arrayBuffer());
  const br = brotliCompressSync(body, {params: {[constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length}});
  return {size: Math.min(body.length, br.length), type: response.headers.get('content-type') ?? ''};
}

/** Whether a page asked ahead of need. */
const isPrefetch = (request: Request): boolean =>
  `${request.headers()['sec-purpose'] ?? ''} ${request.headers().purpose ?? ''}`.includes('prefetch');

/**
 * Opens a page with an empty cache, at the size of a desktop's window, waits until the network is quiet, and counts what it took.
 *
 * @param url address on a local server
 */
export async function measureBytes(browser: Browser, url: string): Promise<PageCost> {
  const context = await browser.newContext({viewport: {width: 1440, height: 900}});
  try {
    const page = await context.newPage();
    const requests: Request[] = [];
    page.on('requestfinished', (request) => requests.push(request));
    await page.goto(url, {waitUntil: 'load'});
    await page.waitForLoadState('networkidle');
    const cost: PageCost = {js: 0, css: 0, html: 0, other: 0, requests: 0, prefetched: 0};
    for (const request of requests.filter((candidate) => !candidate.url().startsWith('data:'))) {
      const address = request.url();
      const body = bodies.get(address) ?? fetchBody(address);
      bodies.set(address, body);
      const {size, type} = await body;
      if (isPrefetch(request)) {
        cost.prefetched += size;
        continue;
      }
      cost.requests++;
      if (type.includes('javascript')) cost.js += size;
      else if (type.includes('text/css')) cost.css += size;
      else if (request.resourceType() === 'document') cost.html += size;
      else cost.other += size;
    }
    return cost;
  } finally {
    await context.close();
  }
}

/**
 * Time that the main thread of a page is busy until the network is quiet, in milliseconds: median of several openings,
 * each with an empty cache. Chromium's own count of its tasks (`TaskDuration` of the DevTools protocol's Performance domain).
 */
export async function measureCpu(browser: Browser, url: string, runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const context = await browser.newContext({viewport: {width: 1440, height: 900}});
    try {
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send('Performance.enable');
      await page.goto(url, {waitUntil: 'load'});
      await page.waitForLoadState('networkidle');
      const {metrics} = await session.send('Performance.getMetrics');
      times.push((metrics.find(({name}) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000);
    } finally {
      await context.close();
    }
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** How a page behaves while it opens. */
export type PageTimes = {
  /** Milliseconds for which the main thread is busy until the network is quiet (`TaskDuration`). */
  task: number;
  /** Milliseconds of these in script (`ScriptDuration`). */
  script: number;
  /** Milliseconds until the largest piece of text or picture is painted (https://www.w3.org/TR/largest-contentful-paint/). */
  lcp: number;
  /** Sum of the layout shifts that no reader asked for (https://wicg.github.io/layout-instability/). */
  cls: number;
};

declare global {
  var pageTimes: {lcp: number; cls: number};
}

/** Keeps what the browser says of paints and shifts, from the start of a page on. */
function observe(): void {
  const times = {lcp: 0, cls: 0};
  globalThis.pageTimes = times;
  new PerformanceObserver((list) => {
    for (const {startTime} of list.getEntries()) times.lcp = startTime;
  }).observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const {value, hadRecentInput} = entry as PerformanceEntry & {value: number; hadRecentInput: boolean};
      if (!hadRecentInput) times.cls += value;
    }
  }).observe({type: 'layout-shift', buffered: true});
}

/**
 * Opens a page once, with an empty cache.
 *
 * @param options.throttle how many times slower than this machine's the processor is; 4 is a middling phone
 * @param options.withoutScripts leaves the scripts out of the document: what the page costs at the least
 */
export async function measureTimes(
  browser: Browser,
  url: string,
  {throttle = 1, withoutScripts = false}: {throttle?: number; withoutScripts?: boolean} = {},
): Promise<PageTimes> {
  const context = await browser.newContext({viewport: {width: 1440, height: 900}});
  try {
    const page = await context.newPage();
    await page.addInitScript(observe);
    if (withoutScripts)
      await page.route(url, async (route) => {
        const response = await route.fetch();
        await route.fulfill({response, body: (await response.text()).replace(/<script[^]*?<\/script>/g, '')});
      });
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    if (throttle > 1) await session.send('Emulation.setCPUThrottlingRate', {rate: throttle});
    await page.goto(url, {waitUntil: 'load'});
    await page.waitForLoadState('networkidle');
    const {metrics} = await session.send('Performance.getMetrics');
    const metric = (wanted: string): number => (metrics.find(({name}) => name === wanted)?.value ?? Number.NaN) * 1000;
    return {task: metric('TaskDuration'), script: metric('ScriptDuration'), ...(await page.evaluate(() => globalThis.pageTimes))};
  } finally {
    await context.close();
  }
}
