import {expect, it} from 'vitest';
import {chapterPath, chapters} from '../src/data/series.ts';
import {describeInBrowser, useBrowser, viewports} from './site.ts';

const landing = {path: '', kind: 'landing'};

/** Screens on which a reader may meet the page first: phones, one of them short, and a desktop. */
const screens = {...viewports, 'short phone': {width: 360, height: 740}} as const;

describeInBrowser('the landing page', () => {
  const {open} = useBrowser();

  it.each(Object.entries(screens))(
    'on a %s shows before any scrolling what it is, the ways in and a session to play',
    async (_, viewport) => {
      // Fingers get larger controls than a mouse.
      const visit = await open({viewport, hasTouch: viewport.width < 600, isMobile: viewport.width < 600});
      await visit.goto(landing);
      await visit.page.evaluate(() => document.fonts.ready); // Another font takes more lines.
      const main = visit.page.getByRole('main');
      for (const element of [
        main.getByRole('heading', {level: 1}),
        main.getByRole('link', {name: /two minutes/}),
        main.getByRole('link', {name: 'Start here'}),
        main.getByRole('link', {name: /^Chapter 1/}).first(),
        main.getByRole('button', {name: /^Play/}),
      ]) {
        const box = await element.boundingBox();
        expect(box && box.y >= 0 && box.y + box.height <= viewport.height, `${String(element)} at ${JSON.stringify(box)}`).toBe(true);
      }
      // All of the session's screen, without panning.
      const beyond = await main.locator('figure .ss-scroller').evaluate((screen) => screen.scrollWidth - screen.clientWidth);
      expect(beyond).toBe(0);
      await visit.close();
    },
  );

  it.each(Object.entries(screens))(
    'on a %s moves nothing while its document comes in pieces, nor when it comes alive',
    async (_, viewport) => {
      const visit = await open({viewport});
      const {page} = visit;
      await visit.goto(landing);
      const whole = await page.evaluate(() => document.querySelector('main')!.innerHTML);
      // The page as it stands when the document has come as far as each end of an element: what is there has its place.
      const moved = await page.evaluate((html) => {
        const main = document.querySelector('main')!;
        const places = (): Map<string, string> =>
          new Map(
            [...main.querySelectorAll('h1, h2, p, a, figcaption, .ss-scroller, button, summary, li')].map((element, index) => {
              const {left, top} = element.getBoundingClientRect();
              return [`${index} ${element.localName} ${element.textContent.slice(0, 30)}`, `${Math.round(left)} ${Math.round(top)}`];
            }),
          );
        const ends = [...html.matchAll(/<\/(?:p|h1|h2|div|figure|li)>/g)].map((match) => match.index + match[0].length);
        const moves: string[] = [];
        let before = new Map<string, string>();
        for (const end of ends) {
          main.innerHTML = html.slice(0, end);
          const now = places();
          for (const [name, place] of before) {
            if (now.has(name) && now.get(name) !== place) moves.push(`${name}: ${place} → ${now.get(name) ?? ''}`);
          }
          before = now;
        }
        return {moves, steps: ends.length};
      }, whole);
      expect(moved.steps).toBeGreaterThan(50);
      expect(moved.moves).toEqual([]);
      await visit.close();
    },
  );

  it('counts the chapters that are there, and links to each', async () => {
    const visit = await open();
    await visit.goto(landing);
    const written = chapters.flatMap((chapter) => chapterPath(chapter) ?? []);
    const list = visit.page.getByRole('main').getByRole('listitem');
    expect(await list.count()).toBe(chapters.length);
    expect(await list.getByRole('link').count()).toBe(written.length);
    expect(await list.getByText('coming', {exact: true}).count()).toBe(chapters.length - written.length);
    await visit.close();
  });
});
