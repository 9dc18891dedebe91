import type {Locator} from 'playwright-core';
import {expect, it} from 'vitest';
import {describeInBrowser, useBrowser, viewports, type Visit} from './site.ts';

describeInBrowser('search', () => {
  const {open, url} = useBrowser();
  const none = {foreign: [], console: [], policy: [], broken: []};
  const start = {path: 'docs/start/', kind: 'start'};

  /** Requests for what only a search needs. */
  function searchRequests(visit: Visit): string[] {
    const urls: string[] = [];
    visit.page.on('request', (request) => {
      if (request.url().includes('search-index')) urls.push(request.url());
    });
    return urls;
  }

  /** Opens the search and waits for what a query finds. */
  async function searchFor({page}: Visit, query: string): Promise<Locator> {
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill(query);
    const options = page.getByRole('option');
    await options.first().waitFor();
    return options;
  }

  /** Waits until the heading has the focus that an address leads to, in view and below the navigation. */
  async function arriveAt({page}: Visit, address: string): Promise<void> {
    await page.waitForURL((candidate) => candidate.pathname + candidate.hash === address);
    await page.getByRole('dialog').waitFor({state: 'detached'});
    const id = new URL(address, url('')).hash.slice(1);
    await page.waitForFunction(
      (wanted) => document.activeElement === (wanted ? document.getElementById(wanted) : document.querySelector('main h1')),
      id,
    );
    const top = await page.evaluate(() => document.activeElement?.getBoundingClientRect().top ?? -1);
    const navigation = (await page.locator('.navbar').boundingBox())?.height ?? 0;
    expect(top).toBeGreaterThanOrEqual(navigation);
    expect(top).toBeLessThan(viewports.desktop.height);
  }

  it('loads nothing until it is used, then finds sections and opens the best, by keyboard alone', async () => {
    const visit = await open();
    const {page} = visit;
    const requests = searchRequests(visit);
    await visit.goto(start);
    await visit.readThrough();
    expect(requests).toEqual([]);

    await page.keyboard.press('/');
    const input = page.getByRole('combobox');
    await input.waitFor();
    expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type('zombie');
    const best = page.getByRole('option', {selected: true});
    await expect.poll(() => best.getAttribute('href')).toMatch(/docs\/glossary\/#zombie$/);
    expect(requests).toHaveLength(1);
    expect(await page.getByRole('dialog').getByRole('status').innerText()).toMatch(/^Found in \d+ sections?\.$/);
    expect(await best.innerText()).toMatch(/^Glossary › Zombie\n/);
    expect(await best.locator('mark').first().innerText()).toBe('Zombie');
    const address = (await best.getAttribute('href')) ?? '';
    await page.keyboard.press('Enter');
    await arriveAt(visit, address);
    // The Tab key goes on from the heading, and does not stop at it again.
    await page.keyboard.press('Tab');
    expect(await page.locator('#zombie').getAttribute('tabindex')).toBeNull();
    expect(await page.evaluate(() => document.activeElement?.closest('nav, footer') ?? null)).toBeNull();
    expect(visit.complaints).toEqual(none);
    await visit.close();
  });

  it('moves through what it found with the arrow keys, and opens what is chosen', async () => {
    const visit = await open();
    const {page} = visit;
    await visit.goto(start);
    const options = await searchFor(visit, 'mount propagation');
    const addresses = await options.evaluateAll((elements) => elements.map((element) => element.getAttribute('href') ?? ''));
    expect(addresses.length).toBeGreaterThan(2);
    expect(new Set(addresses).size).toBe(addresses.length);
    const chosen = page.getByRole('option', {selected: true});
    const isChosen = async (place: number): Promise<void> => {
      expect(await chosen.getAttribute('href')).toBe(addresses[place]);
      expect(await page.getByRole('combobox').getAttribute('aria-activedescendant')).toBe(await chosen.getAttribute('id'));
    };
    await isChosen(0);
    await page.keyboard.press('ArrowUp');
    await isChosen(addresses.length - 1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await isChosen(1);
    await page.keyboard.press('Enter');
    await arriveAt(visit, addresses[1] ?? '');
    expect(visit.complaints).toEqual(none);
    await visit.close();
  });

  it('gives the focus to what was opened: another section of the page, the same once more, the top of a page', async () => {
    const visit = await open();
    const {page} = visit;
    await visit.goto({path: 'docs/glossary/', kind: 'glossary'});
    for (const [query, place] of [
      ['orphan', 'docs/glossary/#orphan'],
      ['orphan', 'docs/glossary/#orphan'],
      ['linux namespaces', 'docs/namespaces/'],
      ['start here', 'docs/start/'],
    ] as const) {
      const options = await searchFor(visit, query);
      const {pathname, hash} = new URL(url(place));
      await expect.poll(() => options.first().getAttribute('href')).toBe(pathname + hash);
      await page.keyboard.press('Enter');
      await arriveAt(visit, pathname + hash);
    }
    expect(visit.complaints).toEqual(none);
    await visit.close();
  });

  it('says for what it took a misspelt word, and marks that', async () => {
    const visit = await open({viewport: viewports.phone});
    await visit.goto(start);
    const options = await searchFor(visit, 'namepsace');
    expect(await visit.page.getByRole('dialog').getByRole('status').innerText()).toContain(
      'No “namepsace” here, so this is for “namespace”.',
    );
    expect(await options.first().locator('mark').first().innerText()).toMatch(/^namespaces?$/i);
    expect(visit.complaints).toEqual(none);
    await visit.close();
  });

  it('says when nothing is found, and gives the focus back when it is closed', async () => {
    const visit = await open({viewport: viewports.phone});
    const {page} = visit;
    await visit.goto(start);
    const button = page.getByRole('button', {name: 'Search'});
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('combobox').fill('zzqxv');
    await expect.poll(() => page.getByRole('dialog').getByRole('status').innerText()).toContain('Nothing found for “zzqxv”');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({state: 'detached'});
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(visit.complaints).toEqual(none);
    await visit.close();
  });

  it.each(['button', '/'])('opens when it was asked for before the page answered, by %s', async (how) => {
    const visit = await open();
    const {page} = visit;
    let send = (): void => undefined;
    const held = new Promise<void>((resolve) => (send = resolve));
    await page.route('**/assets/js/**', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(url(start.path), {waitUntil: 'commit'});
    const button = page.getByRole('button', {name: 'Search'});
    await button.waitFor();
    if (how === 'button') await button.click();
    else await page.keyboard.press(how);
    expect(await page.getByRole('dialog').count()).toBe(0);
    send();
    await page.getByRole('combobox').waitFor();
    expect(visit.complaints).toEqual(none);
    await visit.close();
  });

  it('opens with Ctrl K, and / typed into a field is a slash', async () => {
    const visit = await open();
    const {page} = visit;
    await visit.goto(start);
    await page.keyboard.press('Control+k');
    const input = page.getByRole('combobox');
    await input.waitFor();
    await page.keyboard.type('/proc');
    expect(await input.inputValue()).toBe('/proc');
    expect(visit.complaints).toEqual(none);
    await visit.close();
  });

  it('shows no button that could do nothing without JavaScript', async () => {
    const visit = await open({javaScriptEnabled: false});
    await visit.page.goto(url(start.path));
    expect(await visit.page.getByRole('button', {name: 'Search'}).count()).toBe(0);
    await visit.close();
  });
});
