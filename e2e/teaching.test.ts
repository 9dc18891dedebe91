import axe from 'axe-core';
import type {Locator, Page} from 'playwright-core';
import {expect, it} from 'vitest';
import {chapterOne} from '../tools/site/pages.ts';
import {describeInBrowser, useBrowser, viewports, type Visit} from './site.ts';

/** A prediction of the page, and its parts. */
type Prediction = {whole: Locator; choices: Locator; showMe: Locator; answer: Locator};

function firstPrediction(page: Page): Prediction {
  const whole = page.locator('[data-predict]').first();
  return {
    whole,
    choices: whole.locator(':scope > fieldset').getByRole('radio'),
    showMe: whole.locator(':scope > details > summary'),
    answer: whole.locator(':scope > details > div'),
  };
}

/** How far the page moved by itself: layout shifts that no input of the reader's caused. */
const shifts = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & {value: number; hadRecentInput: boolean})[])
            if (!entry.hadRecentInput) sum += entry.value;
        }).observe({type: 'layout-shift', buffered: true});
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
      }),
  );

describeInBrowser('a prediction in chapter 1', () => {
  const {open} = useBrowser();
  const visitChapter = async (options?: Parameters<typeof open>[0]): Promise<Visit> => {
    const visit = await open(options);
    await visit.goto(chapterOne());
    return visit;
  };

  it('opens its answer by a choice, marks in words what is right, and moves nothing by itself', async () => {
    const visit = await visitChapter();
    const {page} = visit;
    const {whole, choices, showMe, answer} = firstPrediction(page);
    await whole.scrollIntoViewIfNeeded();
    expect(await choices.count()).toBeGreaterThanOrEqual(2);
    expect(await answer.isVisible()).toBe(false);
    const wrong = whole.locator('label:not([data-right])').first();
    const right = whole.locator('label[data-right]').first();
    const mark = (label: Locator): Promise<string> =>
      label.evaluate((element) => getComputedStyle(element.querySelector('span') ?? element, '::after').content);
    expect([await mark(wrong), await mark(right)]).toEqual(['none', 'none']);
    await wrong.click();
    await answer.waitFor();
    expect(await showMe.isVisible()).toBe(false);
    expect([await mark(wrong), await mark(right)]).toEqual(['"✗ not this"', '"✓ right"']);
    expect(await whole.getByRole('status').first().innerText()).toBe('That is not what happens.');
    await right.click();
    expect([await mark(wrong), await mark(right)]).toEqual(['none', '"✓ right"']);
    expect(await shifts(page)).toBe(0);
    expect(visit.complaints).toEqual({foreign: [], console: [], policy: [], broken: []});
    await visit.close();
  });

  it('opens its answer by “Show me”, and marks what is right', async () => {
    const visit = await visitChapter({viewport: viewports.phone});
    const {whole, showMe, answer} = firstPrediction(visit.page);
    await showMe.click();
    await answer.waitFor();
    expect(await whole.locator(':checked').count()).toBe(0);
    await visit.close();
  });

  it('is answered by keyboard: arrows pass the choices, Space takes one', async () => {
    const visit = await visitChapter();
    const {page} = visit;
    const {whole, choices, answer} = firstPrediction(page);
    await choices.first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await choices.nth(1).evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await whole.locator(':checked').count()).toBe(0);
    expect(await answer.isVisible()).toBe(false);
    await page.keyboard.press('Space');
    await answer.waitFor();
    expect(await choices.nth(1).isChecked()).toBe(true);
    await visit.close();
  });

  it.each(['light', 'dark'] as const)('has nothing that axe finds once it is answered, %s', async (colorScheme) => {
    const visit = await open({colorScheme});
    await visit.page.addInitScript({content: axe.source});
    await visit.goto(chapterOne());
    const {whole, answer} = firstPrediction(visit.page);
    await whole.locator('label:not([data-right])').first().click();
    await answer.waitFor();
    const found = await visit.page.evaluate(async () => {
      const {axe} = globalThis as unknown as {axe: typeof import('axe-core')};
      const {violations} = await axe.run('[data-predict]', {resultTypes: ['violations']});
      return violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(' ')}`);
    });
    expect(found).toEqual([]);
    await visit.close();
  });

  it.each([
    ['without script', {javaScriptEnabled: false}, 'screen'],
    ['on paper', {}, 'print'],
  ] as const)('stands open %s, with the right choices marked and no button', async (_, options, media) => {
    const visit = await visitChapter(options);
    await visit.page.emulateMedia({media});
    const {whole, choices, answer} = firstPrediction(visit.page);
    expect(await answer.isVisible()).toBe(true);
    expect(await choices.first().isVisible()).toBe(false);
    const marks = await whole.evaluate((element) =>
      [...element.querySelectorAll('label')].map(
        (label) => getComputedStyle(label.querySelector('span') ?? label, '::after').content !== 'none' || !('right' in label.dataset),
      ),
    );
    expect(marks).not.toContain(false);
    await visit.close();
  });
});

describeInBrowser('“Something unclear here?” in chapter 1', () => {
  const {open} = useBrowser();

  it('ends each part, opens a form about it, and sends what the browser knows only when it is followed', async () => {
    const visit = await open({viewport: viewports.phone});
    await visit.goto(chapterOne());
    const {page} = visit;
    const links = page.getByRole('article').getByRole('link', {name: /^Something unclear here\? /});
    const parts = page.getByRole('article').locator('h2[id]');
    expect(await links.count()).toBe(await parts.count());
    const id = await parts.first().getAttribute('id');
    const fields = async (): Promise<Record<string, string>> =>
      Object.fromEntries(new URL((await links.first().getAttribute('href')) ?? '').searchParams);
    const before = await fields();
    expect(before.where).toContain(`/docs/namespaces/#${id}`);
    expect(before.machine).toBeUndefined();
    expect(visit.complaints.foreign).toEqual([]);

    await page.context().route('https://github.com/**', (route) => route.fulfill({body: 'A form', contentType: 'text/html'}));
    const [form] = await Promise.all([page.waitForEvent('popup'), links.first().click()]);
    const {machine, ...rest} = Object.fromEntries(new URL(form.url()).searchParams);
    expect(rest).toEqual(before);
    expect(machine).toBe(
      await page.evaluate(() => `${navigator.userAgent}\nPlatform: ${navigator.platform}\nViewport: ${innerWidth} × ${innerHeight}`),
    );
    await visit.close();
  });

  it('is not printed', async () => {
    const visit = await open();
    await visit.goto(chapterOne());
    await visit.page.emulateMedia({media: 'print'});
    expect(await visit.page.locator('[data-unclear]').first().isVisible()).toBe(false);
    await visit.close();
  });
});
