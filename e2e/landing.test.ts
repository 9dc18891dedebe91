import {expect, it} from 'vitest';
import {chapterPath, chapters} from '../src/data/series.ts';
import {describeInBrowser, useBrowser, viewports, type Width} from './site.ts';

describeInBrowser('the landing page', () => {
  const {open} = useBrowser();

  it.each(Object.keys(viewports) as Width[])(
    'on a %s shows before any scrolling what it is, a way in and a session to play',
    async (width) => {
      const visit = await open({viewport: viewports[width]});
      await visit.goto({path: '', kind: 'landing'});
      const main = visit.page.getByRole('main');
      for (const element of [
        main.getByRole('heading', {level: 1}),
        main.getByRole('link', {name: 'Start here'}),
        main.getByRole('link', {name: /^Chapter 1/}).first(),
      ]) {
        const box = await element.boundingBox();
        expect(box && box.y >= 0 && box.y + box.height <= viewports[width].height, `${String(element)} at ${JSON.stringify(box)}`).toBe(
          true,
        );
      }
      // Of the session, most of the screen; the button to play it is below that.
      const screen = await main.locator('figure .ss-scroller').first().boundingBox();
      expect(screen && screen.y + 200 <= viewports[width].height, `the session at ${JSON.stringify(screen)}`).toBe(true);
      expect(await main.getByRole('button', {name: /^Play/}).count()).toBe(1);
      await visit.close();
    },
  );

  it('counts the chapters that are there, and links to each', async () => {
    const visit = await open();
    await visit.goto({path: '', kind: 'landing'});
    const written = chapters.flatMap((chapter) => chapterPath(chapter) ?? []);
    const list = visit.page.getByRole('main').getByRole('listitem');
    expect(await list.count()).toBe(chapters.length);
    expect(await list.getByRole('link').count()).toBe(written.length);
    expect(await list.getByText('coming', {exact: true}).count()).toBe(chapters.length - written.length);
    await visit.close();
  });
});
