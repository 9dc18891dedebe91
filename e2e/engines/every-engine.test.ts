import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest';
import {engines, type EnginePage, type RunningEngine} from '../../host/engines.ts';
import {chapterOne, onePageOfEachKind, pages} from '../../tools/site/pages.ts';

/** What no page may have, as the page itself can tell. */
const faults = `({
  wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  pictures: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src),
  foreign: performance.getEntriesByType('resource').map(({name}) => name).filter((name) => new URL(name).origin !== location.origin),
  styled: getComputedStyle(document.documentElement).getPropertyValue('--ss-accent') !== '',
})`;

describe.each(engines)('$name', (engine) => {
  let running: RunningEngine | undefined;
  const page = (): EnginePage => {
    if (!running) throw new Error(`${engine.name} did not start`);
    return running.page;
  };
  const address = (target: string): string => new URL(target, inject('site')).href;
  const until = (expression: string): Promise<void> =>
    expect.poll(() => page().evaluate<boolean>(`Boolean(${expression})`), {timeout: 30_000, message: expression}).toBe(true);
  /** Opens a page and waits until its scripts have taken it over. */
  const open = async (target: string): Promise<void> => {
    page().complaints.length = 0;
    await page().goto(address(target));
    await until(`document.documentElement.dataset.hasHydrated === 'true'`);
  };
  /** Complaints, but for that of the address that leads nowhere. */
  const complaints = (): string[] => page().complaints.filter((text) => !text.includes('no/such/page'));

  beforeAll(async () => {
    if (!engine.found()) throw new Error(`${engine.name} is missing: apt-get install ${engine.packages.join(' ')}`);
    running = await engine.start();
  });
  afterAll(() => running?.close());

  it.each(onePageOfEachKind())(
    'opens the $kind page /$path: all there, nothing wider than the window, no complaints',
    async ({path: target}) => {
      await open(target);
      expect(await page().evaluate('document.querySelectorAll("h1").length')).toBe(1);
      expect(await page().evaluate(faults)).toEqual({wide: false, pictures: [], foreign: [], styled: true});
      expect(complaints()).toEqual([]);
    },
  );

  it.each(pages().filter(({kind}) => kind === 'chapter' || kind === 'landing'))('plays a recording on /$path', async ({path: target}) => {
    await open(target);
    const figure = `figure:has([role=region][aria-label^='Terminal: '])`;
    await page().evaluate(`document.querySelector("${figure}").scrollIntoView({block: 'center', behavior: 'instant'})`);
    await page().click(`${figure} button[aria-label^='Play']`);
    await until(`document.querySelector("${figure} button[aria-label='Pause']")`);
    const slider = `document.querySelector("${figure} input[type=range]")`;
    await until(`Number(${slider}.value) > 0.5`);
    await page().click(`${figure} button[aria-label='Pause']`);
    await until(`document.querySelector("${figure} button[aria-label='Play']")`);
    const words = await page().evaluate<string>(`document.querySelector("${figure} [role=region]").innerText`);
    expect(words.trim().length).toBeGreaterThan(5);
    expect(complaints()).toEqual([]);
  });

  it('opens a recording at the moment that an address names', async () => {
    await open(chapterOne().path);
    const id = await page().evaluate<string>(`[...document.querySelectorAll("figure[id]")].at(-1).id`);
    await page().goto('about:blank');
    await open(`${chapterOne().path}#${id}@2.5`);
    await until(`Number(document.getElementById(${JSON.stringify(id)}).querySelector('input[type=range]')?.value) === 2.5`);
    expect(complaints()).toEqual([]);
  });

  it('searches', async () => {
    await open('');
    await page().click(`button[aria-haspopup=dialog]`);
    await until(`document.querySelector('dialog[open] input[role=combobox]')`);
    await page().evaluate(`(() => {
      const field = document.querySelector('dialog[open] input[role=combobox]');
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, 'namespace');
      field.dispatchEvent(new Event('input', {bubbles: true}));
    })()`);
    await until(`document.querySelector('dialog[open] [role=option]')`);
    expect(complaints()).toEqual([]);
  });
});
