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
      if (request.url().includes('/pagefind/')) urls.push(request.url());
    });
    return urls;
  }

  it('loads nothing until it is used, then finds a section and opens it, by keyboard alone', async () => {
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
    await page.keyboard.type('CLONE_NEWPID');
    const options = page.getByRole('option');
    await options.first().waitFor();
    expect(requests).not.toEqual([]);
    expect(await options.first().getAttribute('aria-selected')).toBe('true');
    expect(await page.getByRole('dialog').getByRole('status').innerText()).toMatch(/^Found on \d+ pages?\.$/);
    expect(await options.locator('mark').first().innerText()).toContain('CLONE_NEWPID');

    await page.keyboard.press('ArrowDown');
    const chosen = page.locator('[role=option][aria-selected=true]');
    expect(await input.getAttribute('aria-activedescendant')).toBe(await chosen.getAttribute('id'));
    const target = (await chosen.getAttribute('href')) ?? '';
    expect(target).toContain('#');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => `${url.pathname}${url.hash}` === target);
    await page.getByRole('dialog').waitFor({state: 'detached'});
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
