import axe from 'axe-core';
import {expect, it} from 'vitest';
import {onePageOfEachKind} from '../tools/site/pages.ts';
import {describeInBrowser, useBrowser, viewports, type Width} from './site.ts';

/** A violation, as short as it can be said. */
type Violation = {rule: string; help: string; where: string[]};

const combinations = (['light', 'dark'] as const).flatMap((scheme) =>
  (Object.keys(viewports) as Width[]).map((width) => [scheme, width] as const),
);

describeInBrowser('axe finds nothing', () => {
  const {open} = useBrowser();
  for (const page of onePageOfEachKind()) {
    it.each(combinations)(`on the ${page.kind} page /${page.path}, %s, on a %s`, async (colorScheme, width) => {
      const visit = await open({colorScheme, viewport: viewports[width]});
      // As an init script axe-core needs no exception from the page's policy.
      await visit.page.addInitScript({content: axe.source});
      await visit.goto(page);
      await visit.readThrough();
      const violations = await visit.page.evaluate(async (): Promise<Violation[]> => {
        const {axe} = globalThis as unknown as {axe: typeof import('axe-core')};
        const found = await axe.run(document, {resultTypes: ['violations']});
        return found.violations.map(({id, help, nodes}) => ({
          rule: id,
          help,
          where: nodes.map(({html, failureSummary}) => `${html.slice(0, 200)} :: ${failureSummary ?? ''}`),
        }));
      });
      expect(violations).toEqual([]);
      await visit.close();
    });
  }
});
