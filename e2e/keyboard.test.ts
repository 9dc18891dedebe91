import type {Locator, Page} from 'playwright-core';
import {expect, it} from 'vitest';
import {chapterOne} from '../tools/site/pages.ts';
import {describeInBrowser, useBrowser, type Visit} from './site.ts';

/** Presses Tab until an element has the focus, as somebody does who has no mouse. @throws Error when it is never reached */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 300; presses++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`the Tab key never reaches ${String(target)}`);
}

/** The recording that comes first on the page. */
function firstPlayer(page: Page): {figure: Locator; terminal: Locator; slider: Locator; time: () => Promise<number>} {
  const figure = page
    .getByRole('figure')
    .filter({has: page.getByRole('region', {name: /^Terminal: /})})
    .first();
  const slider = figure.getByRole('slider', {name: 'Position in the recording'});
  return {figure, terminal: figure.getByRole('region', {name: /^Terminal: /}), slider, time: async () => Number(await slider.inputValue())};
}

/** Puts the focus into the first player by keyboard and waits until it can play. */
async function enterPlayer(visit: Visit): Promise<ReturnType<typeof firstPlayer>> {
  const {page} = visit;
  const player = firstPlayer(page);
  await tabTo(page, player.terminal);
  await player.slider.waitFor();
  return player;
}

describeInBrowser('chapter 1 by keyboard alone', () => {
  const {open} = useBrowser();
  const visitChapter = async (): Promise<Visit> => {
    const visit = await open();
    await visit.goto(chapterOne());
    return visit;
  };

  it('is read: the skip link leads past the navigation, keys scroll, each stop shows that it has the focus', async () => {
    const visit = await visitChapter();
    const {page} = visit;
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', {name: 'Skip to main content'});
    expect(await skip.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await skip.isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('header, nav.navbar') === null)).toBe(true);
    const before = await page.evaluate(() => window.scrollY);
    await page.keyboard.press('PageDown');
    await page.waitForFunction((y) => window.scrollY > y, before);

    const unmarked: string[] = [];
    await page.evaluate(() => {
      (document.activeElement as HTMLElement | null)?.blur();
      window.scrollTo(0, 0);
    });
    for (let stop = 0; stop < 300; stop++) {
      await page.keyboard.press('Tab');
      const element = await page.evaluate(() => {
        const focused = document.activeElement;
        if (!focused || focused === document.body) return null;
        // Some draw their ring around themselves, others around what holds them.
        const marked = [focused, focused.parentElement, focused.closest('label')].some((candidate) => {
          if (!candidate) return false;
          const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(candidate);
          return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
        });
        return {marked, html: focused.outerHTML.slice(0, 120)};
      });
      if (!element) break;
      if (element.marked) continue;
      // Parts that the browser draws, such as the thumb of a slider, can only be looked at.
      const focused = await page.evaluateHandle(() => document.activeElement as HTMLElement);
      const withFocus = await focused.screenshot({animations: 'disabled'});
      await focused.evaluate((target) => target.blur());
      const without = await focused.screenshot({animations: 'disabled'});
      await focused.evaluate((target) => target.focus());
      if (withFocus.equals(without)) unmarked.push(element.html);
    }
    expect(unmarked).toEqual([]);
    await visit.close();
  });

  it('is left for other pages', async () => {
    const visit = await visitChapter();
    const {page} = visit;
    await tabTo(page, page.getByRole('navigation', {name: 'Main'}).getByRole('link', {name: 'Chapters'}));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/docs\/start\/$/);
    expect(visit.complaints).toEqual({foreign: [], console: [], policy: [], broken: []});
    await visit.close();
  });

  it('is played and paused', async () => {
    const visit = await visitChapter();
    const {page} = visit;
    const player = await enterPlayer(visit);
    expect(await player.time()).toBe(0);
    await page.keyboard.press('Space');
    await player.figure.getByRole('button', {name: 'Pause'}).waitFor();
    await expect.poll(player.time).toBeGreaterThan(0.3);
    await page.keyboard.press('Space');
    await player.figure.getByRole('button', {name: 'Play', exact: true}).waitFor();
    const stopped = await player.time();
    await page.waitForTimeout(500);
    expect(await player.time()).toBe(stopped);
    await page.keyboard.press('9');
    await expect.poll(player.time).toBeGreaterThan(stopped);
    expect(await player.slider.getAttribute('aria-valuetext')).toMatch(/^\d+:\d\d of \d+:\d\d, step \d+ of \d+$/);
    expect(visit.complaints).toEqual({foreign: [], console: [], policy: [], broken: []});
    await visit.close();
  });

  it('is stepped', async () => {
    const visit = await visitChapter();
    const {page} = visit;
    const player = await enterPlayer(visit);
    await page.keyboard.press(']');
    await expect.poll(() => player.slider.getAttribute('aria-valuetext')).toMatch(/step 1 of/);
    await page.keyboard.press(']');
    await expect.poll(() => player.slider.getAttribute('aria-valuetext')).toMatch(/step 2 of/);
    const second = await player.time();
    await page.keyboard.press('[');
    await expect.poll(() => player.slider.getAttribute('aria-valuetext')).toMatch(/step 1 of/);
    expect(await player.time()).toBeLessThan(second);
    // With step mode on, playing stops by itself before the next step.
    await page.keyboard.press('s');
    for (let press = 0; press < 8; press++) await page.keyboard.press('>');
    await page.keyboard.press('Space');
    await player.figure.getByRole('button', {name: 'Pause'}).waitFor();
    await player.figure.getByRole('button', {name: 'Play', exact: true}).waitFor({timeout: 60_000});
    expect(await player.slider.getAttribute('aria-valuetext')).toMatch(/step 1 of/);
    expect(await player.time()).toBeLessThanOrEqual(second);
    await visit.close();
  });

  it("is searched within a recording: '/' finds a word, Enter goes to its moment, Escape returns", async () => {
    const visit = await visitChapter();
    const {page} = visit;
    const player = await enterPlayer(visit);
    await page.keyboard.press('/');
    const field = player.figure.getByRole('searchbox', {name: 'Text in the output'});
    await field.waitFor();
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    // A word that is not on the first screen, so that its moment is not the start: each is found where it could first be seen.
    const start = await player.terminal.innerText();
    const transcript = (await player.figure.locator('details pre').allTextContents()).join('\n');
    const word = transcript.match(/[A-Za-z]{4,}/g)?.findLast((each) => !start.includes(each));
    expect(word).toBeDefined();
    await page.keyboard.type(word!);
    await player.figure.getByRole('list').getByRole('button').first().waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(player.time).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await field.waitFor({state: 'detached'});
    expect(await player.terminal.evaluate((element) => element === document.activeElement)).toBe(true);
    await visit.close();
  });

  it('explains its keys, and gives the focus back', async () => {
    const visit = await visitChapter();
    const {page} = visit;
    const player = await enterPlayer(visit);
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', {name: 'Keyboard shortcuts'});
    await help.waitFor();
    await page.keyboard.press('Escape');
    await help.waitFor({state: 'detached'});
    expect(await player.figure.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    await visit.close();
  });

  it('is quizzed: choose, check, be told, read why, and find the answer again', async () => {
    const visit = await visitChapter();
    const {page} = visit;
    const question = page
      .getByRole('listitem')
      .filter({has: page.getByRole('radiogroup')})
      .first();
    await tabTo(page, question.getByRole('radio').first());
    await page.keyboard.press('ArrowDown');
    expect(await question.getByRole('radio').nth(1).isChecked()).toBe(true);
    await tabTo(page, question.getByRole('button', {name: 'Check'}));
    await page.keyboard.press('Enter');
    await expect.poll(() => question.getByRole('status').textContent()).toMatch(/^B is (right|not it)/);
    expect(await question.locator('details').evaluate((element) => (element as HTMLDetailsElement).open)).toBe(true);
    await page.reload();
    await expect.poll(() => question.innerText()).toMatch(/B is (right|not it)/);
    expect(visit.complaints).toEqual({foreign: [], console: [], policy: [], broken: []});
    await visit.close();
  });
});
