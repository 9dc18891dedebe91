import {expect, it} from 'vitest';
import {pages} from '../tools/site/pages.ts';
import {describeInBrowser, useBrowser, viewports, type Width} from './site.ts';

/** A layout shift as the browser reports it: how bad, when (ms), and which elements moved from where to where. */
type Shift = {value: number; at: number; moved: string[]};
type Source = {node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly};

declare global {
  var layoutShifts: Shift[];
}

/** Records layout shifts from the start of a page on; see https://wicg.github.io/layout-instability/. */
function recordShifts(): void {
  globalThis.layoutShifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const shift = entry as PerformanceEntry & {value: number; hadRecentInput: boolean; sources: Source[]};
      // A blank between two words moves when the second comes and needs another line; nobody sees it.
      const seen = shift.sources.some(({node}) => node?.nodeType !== Node.TEXT_NODE || node.textContent?.trim());
      if (shift.hadRecentInput || !seen) continue;
      const rect = ({x, y, width, height}: DOMRectReadOnly) => [x, y, width, height].join(' ');
      const moved = shift.sources.map(({node, previousRect, currentRect}) => {
        const what = (node instanceof Element ? node.outerHTML : (node?.textContent ?? '')).slice(0, 120);
        return `${rect(previousRect)} → ${rect(currentRect)}: ${what}`;
      });
      globalThis.layoutShifts.push({value: shift.value, at: Math.round(shift.startTime), moved});
    }
  }).observe({type: 'layout-shift', buffered: true});
}

/**
 * The sum of shifts that no reader sees: a tenth of what https://web.dev/articles/cls calls good. A line that is painted
 * when half of it is there moves some pixels when the rest of it comes.
 */
const tolerance = 0.01;

const widths = Object.keys(viewports) as Width[];

describeInBrowser('every page, read from top to bottom', () => {
  const {open} = useBrowser();
  for (const page of pages()) {
    it.each(widths)(
      `/${page.path} on a %s: stays on its origin, keeps its policy, complains of nothing, keeps still, scrolls one way`,
      async (width) => {
        const visit = await open({viewport: viewports[width], slowly: true});
        await visit.page.addInitScript(recordShifts);
        await visit.goto(page);
        await visit.readThrough();
        const all = await visit.page.evaluate(() => globalThis.layoutShifts);
        const shifts = all.reduce((sum, {value}) => sum + value, 0) < tolerance ? [] : all;
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
