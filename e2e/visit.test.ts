import {expect, it} from 'vitest';
import {pages} from '../tools/site/pages.ts';
import {describeInBrowser, useBrowser, viewports, type Width} from './site.ts';

/** A layout shift as the browser reports it, with the elements that moved. */
type Shift = {value: number; moved: string[]};

declare global {
  var layoutShifts: Shift[];
}

/** Records layout shifts from the start of a page on; see https://wicg.github.io/layout-instability/. */
function recordShifts(): void {
  globalThis.layoutShifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const shift = entry as PerformanceEntry & {value: number; hadRecentInput: boolean; sources: {node: Node | null}[]};
      if (shift.hadRecentInput) continue;
      const moved = shift.sources.map(({node}) => (node instanceof Element ? node.outerHTML : (node?.textContent ?? '')).slice(0, 120));
      globalThis.layoutShifts.push({value: shift.value, moved});
    }
  }).observe({type: 'layout-shift', buffered: true});
}

const widths = Object.keys(viewports) as Width[];

describeInBrowser('every page, read from top to bottom', () => {
  const {open} = useBrowser();
  for (const page of pages()) {
    it.each(widths)(
      `/${page.path} on a %s: stays on its origin, keeps its policy, complains of nothing, never shifts, scrolls one way`,
      async (width) => {
        const visit = await open({viewport: viewports[width]});
        await visit.page.addInitScript(recordShifts);
        await visit.goto(page);
        await visit.readThrough();
        const shifts = await visit.page.evaluate(() => globalThis.layoutShifts);
        const wide = await visit.page.evaluate(() => {
          const limit = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= limit) return [];
          return [...document.querySelectorAll('body *')]
            .filter((element) => element.getBoundingClientRect().right > limit + 1)
            .map((element) => element.outerHTML.slice(0, 120));
        });
        expect({...visit.complaints, shifts, wide}).toEqual({foreign: [], console: [], policy: [], broken: [], shifts: [], wide: []});
        await visit.close();
      },
    );
  }
});
