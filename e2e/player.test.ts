import type {Locator, Page} from 'playwright-core';
import {expect, it} from 'vitest';
import {chapterOne, pages} from '../tools/site/pages.ts';
import {describeInBrowser, useBrowser, viewports} from './site.ts';

/** All recordings of a page. */
const players = (page: Page): Locator => page.getByRole('figure').filter({has: page.getByRole('region', {name: /^Terminal: /})});

/** Plays a recording from the button that lies over its poster. */
async function play(player: Locator): Promise<void> {
  await player.scrollIntoViewIfNeeded();
  await player.getByRole('button', {name: /^Play/}).first().click();
  await player.getByRole('button', {name: 'Pause'}).waitFor();
}

describeInBrowser('recordings', () => {
  const {open, url} = useBrowser();

  it('play one at a time', async () => {
    const visit = await open();
    await visit.goto(chapterOne());
    const [first, second] = [players(visit.page).nth(0), players(visit.page).nth(1)];
    await play(first);
    await play(second);
    await first.getByRole('button', {name: 'Play', exact: true}).waitFor();
    expect(await visit.page.getByRole('button', {name: 'Pause'}).count()).toBe(1);
    expect(visit.complaints).toEqual({foreign: [], console: [], policy: [], broken: []});
    await visit.close();
  });

  it('open at the moment that an address names', async () => {
    const visit = await open();
    await visit.goto(chapterOne());
    const name = await players(visit.page).last().getAttribute('id');
    await visit.page.goto('about:blank');
    await visit.page.goto(`${url(chapterOne().path)}#${name ?? ''}@2.5`);
    const player = players(visit.page).last();
    const slider = player.getByRole('slider', {name: 'Position in the recording'});
    await slider.waitFor();
    await expect.poll(async () => Number(await slider.inputValue())).toBe(2.5);
    expect(await player.getByRole('region', {name: /^Terminal: /}).isVisible()).toBe(true);
    expect(await player.evaluate((element) => element.getBoundingClientRect().top < window.innerHeight)).toBe(true);
    await visit.close();
  });

  it.each(pages().filter(({kind}) => kind === 'landing' || kind === 'chapter'))(
    'never start by themselves on /$path, whatever the motion the reader wishes for',
    async (page) => {
      for (const reducedMotion of ['reduce', 'no-preference'] as const) {
        const visit = await open({reducedMotion});
        await visit.goto(page);
        await visit.readThrough();
        await visit.page.waitForTimeout(1000);
        expect(await visit.page.getByRole('button', {name: 'Pause'}).count()).toBe(0);
        await visit.close();
      }
    },
  );

  it('move nothing but the terminal when the reader wishes for less motion', async () => {
    const visit = await open({reducedMotion: 'reduce'});
    await visit.goto(chapterOne());
    await visit.readThrough();
    const moving = await visit.page.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => animation.playState === 'running' && Number(animation.effect?.getComputedTiming().duration ?? 0) > 10)
        .map((animation) => (animation.effect instanceof KeyframeEffect ? (animation.effect.target?.outerHTML.slice(0, 120) ?? '') : '')),
    );
    expect(moving).toEqual([]);
    await visit.close();
  });

  it('keep letters legible on a phone, and pan inside their own frame', async () => {
    const visit = await open({viewport: viewports.phone});
    await visit.goto(chapterOne());
    const player = players(visit.page).first();
    await play(player);
    const terminal = player.getByRole('region', {name: /^Terminal: /});
    const {size, wider} = await terminal.evaluate((element) => ({
      size: parseFloat(getComputedStyle(element).fontSize),
      wider: element.scrollWidth > element.clientWidth,
    }));
    expect(size).toBeGreaterThanOrEqual(12);
    expect(wider).toBe(true);
    expect(await visit.page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true);
    await visit.close();
  });

  it('survive being left while they load', async () => {
    const visit = await open();
    await visit.goto(chapterOne());
    const {page} = visit;
    await players(page).first().scrollIntoViewIfNeeded();
    await players(page).first().getByRole('button', {name: /^Play/}).first().click();
    await page.getByRole('navigation', {name: 'Main'}).getByRole('link', {name: 'Chapters'}).click();
    await page.waitForURL(/\/docs\/start\/$/);
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(500);
    expect(visit.complaints).toEqual({foreign: [], console: [], policy: [], broken: []});
    await visit.close();
  });
});

describeInBrowser('going from page to page without loading again', () => {
  const {open} = useBrowser();

  it('brings diagrams, posters and transcripts along', async () => {
    const visit = await open();
    const {page} = visit;
    await visit.goto({path: 'docs/start/', kind: 'start'});
    await page.evaluate(() => {
      document.body.dataset.sameDocument = 'yes';
    });
    await page
      .getByRole('navigation', {name: 'Docs sidebar'})
      .getByRole('link', {name: /Namespaces/})
      .first()
      .click();
    await page.waitForURL(/\/docs\/namespaces\/$/);
    await visit.readThrough();
    expect(await page.evaluate(() => document.body.dataset.sameDocument)).toBe('yes');
    const article = page.getByRole('article');
    const drawings = article.locator('figure svg[role]');
    expect(await drawings.count()).toBeGreaterThanOrEqual(3);
    for (const player of await players(page).all()) {
      expect((await player.getByRole('region', {name: /^Terminal: /}).textContent())?.trim()).not.toBe('');
      expect((await player.locator('details').textContent())?.length).toBeGreaterThan(100);
    }
    expect(visit.complaints).toEqual({foreign: [], console: [], policy: [], broken: []});
    await visit.close();
  });
});
