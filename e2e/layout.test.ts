import {afterAll, beforeAll, expect, it} from 'vitest';
import {chapterOne, pages} from '../tools/site/pages.ts';
import {misfits} from './misfits.ts';
import {describeInBrowser, useBrowser, viewports, type Visit} from './site.ts';

/** What WCAG 2.2, 1.4.12 lets a reader do to text. */
const spacing = `* {line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important}
p {margin-bottom: 2em !important}`;

/** Widths in pixels: desktops, 1280 pixels at 200 and at 400 % (640 and 320; WCAG 2.2, 1.4.10), a phone. */
const widths = [1440, 1100, 640, 390, 320];

describeInBrowser('no page, and no listing, scrolls sideways', () => {
  const {open} = useBrowser();
  // Each is opened once and made narrower and narrower. That it fits where it is opened, visit.test.ts shows.
  let visit: Visit;
  beforeAll(async () => {
    visit = await open();
  });
  afterAll(() => visit.close());
  it.each(pages())('/$path', async (target) => {
    const {page} = visit;
    await page.setViewportSize({width: 1440, height: 900});
    await visit.goto(target);
    await page.evaluate(async () => {
      // What is folded has its code too.
      for (const details of document.querySelectorAll('details')) details.open = true;
      await document.fonts.ready;
    });
    const found: Record<string, unknown> = {};
    const look = async (what: string, width: number): Promise<void> => {
      // What follows a change of size by script has done so after two frames.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      expect(await page.evaluate(() => document.documentElement.clientWidth)).toBe(width);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      found[what] = {beyond, listings: await page.evaluate(misfits, {wraps: width < 1440})};
    };
    for (const width of widths) {
      await page.setViewportSize({width, height: 900});
      await look(`${width} pixels`, width);
    }
    await page.setViewportSize({width: 390, height: 900});
    // As a constructed sheet it needs no exception from the page's policy.
    await page.evaluate((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      document.adoptedStyleSheets = [sheet];
    }, spacing);
    await look('390 pixels, spaced', 390);
    const fits = {beyond: 0, listings: []};
    expect(found).toEqual(
      Object.fromEntries([...widths.map((width) => `${width} pixels`), '390 pixels, spaced'].map((what) => [what, fits])),
    );
  });
});

describeInBrowser('a chapter', () => {
  const {open} = useBrowser();

  it('has 65 to 80 characters in a line of running text on a desktop', async () => {
    const visit = await open({viewport: viewports.desktop});
    await visit.goto(chapterOne());
    const mean = await visit.page.evaluate(() => {
      const lengths: number[] = [];
      for (const paragraph of document.querySelectorAll('.markdown > p, .markdown > .ss-static > p')) {
        const range = document.createRange();
        range.selectNodeContents(paragraph);
        const height = parseFloat(getComputedStyle(paragraph).lineHeight);
        const rows = Math.round(paragraph.getBoundingClientRect().height / height);
        // The last line ends where it ends: half of it on average.
        if (rows >= 4) lengths.push(paragraph.textContent.length / (rows - 0.5));
      }
      return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    });
    expect(mean).toBeGreaterThanOrEqual(65);
    expect(mean).toBeLessThanOrEqual(80);
    await visit.close();
  });

  it('gives the command alone to who selects a line of a transcript, and the screen to screen readers', async () => {
    const visit = await open({permissions: ['clipboard-read', 'clipboard-write']});
    const {page} = visit;
    await visit.goto(chapterOne());
    const figure = page
      .getByRole('figure')
      .filter({has: page.getByRole('region', {name: /^Terminal: /})})
      .first();
    await figure.getByText('Transcript', {exact: true}).click();
    const command = figure.locator('.transcript-command').first();
    await command.locator('.transcript-line').click({clickCount: 3});
    await page.keyboard.press('Control+c');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.trim()).toBe(await command.locator('kbd').textContent());

    const terminal = figure.getByRole('region', {name: /^Terminal: /});
    expect(await terminal.ariaSnapshot()).toMatch(/host:~# hostname/);
    expect(await terminal.locator('[aria-live]').count()).toBe(0);
    const hint = await terminal.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${hint ?? ''}"]`).textContent()).toMatch(/transcript below/);
    await visit.close();
  });

  it('keeps the words of its diagrams in their boxes, and lines out of them', async () => {
    const visit = await open();
    await visit.goto(chapterOne());
    const found = await visit.page.evaluate(() => {
      const problems: string[] = [];
      let texts = 0;
      for (const svg of document.querySelectorAll<SVGSVGElement>('.ss-diagram svg')) {
        const all = [...svg.querySelectorAll<SVGGraphicsElement>(':scope :is(text, rect, line, path):not(defs *)')];
        const box = (element: Element): DOMRect => element.getBoundingClientRect();
        const inside = (a: DOMRect, b: DOMRect): boolean =>
          a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 2 && a.bottom <= b.bottom + 2;
        for (const [at, text] of all.entries()) {
          if (text.localName !== 'text') continue;
          texts++;
          const own = box(text);
          const middle = {x: (own.left + own.right) / 2, y: (own.top + own.bottom) / 2};
          const grounds = all.slice(0, at).filter((shape) => {
            const {left, right, top, bottom} = box(shape);
            return shape.localName === 'rect' && left <= middle.x && middle.x <= right && top <= middle.y && middle.y <= bottom;
          });
          const ground = grounds.at(-1);
          if (ground && !inside(own, box(ground))) problems.push(`“${text.textContent}” leaves its box`);
          for (const [under, line] of all.entries()) {
            if (!(line instanceof SVGGeometryElement) || line.localName === 'rect') continue;
            if (ground && under < all.indexOf(ground) && inside(own, box(ground))) continue;
            const matrix = line.getScreenCTM()!;
            const length = line.getTotalLength();
            for (let along = 0; along <= length; along += 2) {
              const {x, y} = line.getPointAtLength(along).matrixTransform(matrix);
              if (x > own.left && x < own.right && y > own.top + 3 && y < own.bottom - 3) {
                problems.push(`a line crosses “${text.textContent}”`);
                break;
              }
            }
          }
        }
      }
      return {problems, texts};
    });
    expect(found.problems).toEqual([]);
    expect(found.texts).toBeGreaterThan(30);
    await visit.close();
  });
});
