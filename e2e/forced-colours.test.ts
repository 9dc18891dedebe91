import {expect, it} from 'vitest';
import type {Locator} from 'playwright-core';
import {chapterOne} from '../tools/site/pages.ts';
import {describeInBrowser, useBrowser} from './site.ts';

/** Colours that an element has, as the browser computes them. */
const look = (element: Locator): Promise<{background: string; outline: string; border: string}> =>
  element.evaluate((target) => {
    const {backgroundColor, outlineStyle, outlineColor, borderTopColor, borderTopStyle, borderTopWidth} = getComputedStyle(target);
    return {
      background: backgroundColor,
      outline: outlineStyle === 'none' ? 'none' : outlineColor,
      border: borderTopStyle === 'none' ? 'none' : `${borderTopWidth} ${borderTopColor}`,
    };
  });

describeInBrowser('in forced colours', () => {
  const {open} = useBrowser();
  it.each(['light', 'dark'] as const)('(%s) what is chosen, pressed and played is seen', async (colorScheme) => {
    const visit = await open({forcedColors: 'active', colorScheme});
    const {page} = visit;
    await visit.goto(chapterOne());
    const canvas = await page.evaluate(() => {
      const probe = document.createElement('i');
      probe.style.color = 'Canvas';
      document.body.append(probe);
      return getComputedStyle(probe).color;
    });

    const choices = page.getByRole('radiogroup').first().locator('label');
    await choices.nth(1).click();
    const [other, chosen] = [await look(choices.nth(0)), await look(choices.nth(1))];
    expect(chosen).not.toEqual(other);
    expect(chosen.outline).not.toBe('none');

    const figure = page
      .getByRole('figure')
      .filter({has: page.getByRole('region', {name: /^Terminal: /})})
      .nth(1);
    await figure.scrollIntoViewIfNeeded();
    const captions = figure.getByRole('button', {name: 'Captions'});
    await captions.waitFor();
    expect((await look(captions)).border).not.toBe((await look(figure.getByRole('button', {name: 'Search the output'}))).border);

    const range = figure.getByRole('slider', {name: 'Position in the recording'});
    const slider = await range.evaluate((input) => {
      const track = input.parentElement!;
      return {
        track: getComputedStyle(track, '::before').backgroundColor,
        mark: getComputedStyle(track.querySelector('[aria-hidden] > span')!).backgroundColor,
      };
    });
    expect(Object.values(slider)).not.toContain(canvas);
    expect(slider.track).not.toBe(slider.mark);

    // Shapes of diagrams do not hide their words.
    const words = await page
      .locator('.ss-diagram svg text')
      .first()
      .evaluate((text) => getComputedStyle(text).fill);
    expect(words).not.toBe(canvas);
    await visit.close();
  });
});
