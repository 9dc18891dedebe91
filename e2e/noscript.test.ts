import {expect, it} from 'vitest';
import {pages} from '../tools/site/pages.ts';
import {describeInBrowser, useBrowser, viewports} from './site.ts';

describeInBrowser('with JavaScript off', () => {
  const {open} = useBrowser();

  for (const page of pages()) {
    it(`/${page.path} has its text, its pictures and its links`, async () => {
      const visit = await open({javaScriptEnabled: false, viewport: viewports.phone});
      await visit.goto(page);
      const main = visit.page.locator('main');
      expect(await visit.page.getByRole('heading', {level: 1}).first().isVisible()).toBe(true);
      expect((await main.innerText()).length).toBeGreaterThan(20);
      const found = await visit.page.evaluate(() => ({
        pictures: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src),
        // What waits for a script must not stand there as if it worked.
        waiting: [...document.querySelectorAll('body *')]
          .filter((element) => element.childElementCount === 0 && element.checkVisibility({visibilityProperty: true}))
          .map((element) => element.textContent.trim())
          .filter((text) => /^(loading|please wait|undefined|\[object Object\])/i.test(text)),
        // Nor a button that only a script would answer.
        buttons: [...document.querySelectorAll('button')]
          .filter((button) => button.checkVisibility({visibilityProperty: true}))
          .map((button) => button.outerHTML.slice(0, 160)),
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }));
      expect({...found, ...visit.complaints}).toEqual({
        pictures: [],
        waiting: [],
        // Nor a button that only a script would answer.
        buttons: [],
        wide: 0,
        foreign: [],
        console: [],
        policy: [],
        broken: [],
      });
      await visit.close();
    });
  }

  for (const page of pages().filter(({kind}) => kind === 'chapter')) {
    it(`the chapter /${page.path} shows code, diagrams, posters, transcripts, questions and solutions`, async () => {
      const visit = await open({javaScriptEnabled: false});
      await visit.goto(page);
      const article = visit.page.getByRole('article');
      expect(await article.locator('pre').count()).toBeGreaterThan(0);
      expect(await article.getByRole('img', {name: /\S/}).and(article.locator('svg')).count()).toBeGreaterThan(0);
      const terminals = await article.getByRole('region', {name: /^Terminal: /}).all();
      for (const terminal of terminals) expect((await terminal.innerText()).trim()).not.toBe('');
      expect(await article.locator('summary', {hasText: /^Transcript$/}).count()).toBe(terminals.length);
      // The browser itself unfolds `details`.
      for (const details of await article.locator('details').all()) {
        await details.locator('summary').first().click();
        expect((await details.innerText()).length).toBeGreaterThan(30);
      }
      expect(await article.getByText('Every answer explained').count()).toBeGreaterThanOrEqual(5);
      await visit.close();
    });
  }
});
