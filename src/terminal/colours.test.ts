import fc from 'fast-check';
import {describe, expect, it} from 'vitest';

import {colours as tokens, contrast} from '../css/colours.ts';
import {grounds, hex, paletteColour, standardPalette} from './colours.ts';
import {HeadlessTerminal} from './headless.ts';
import {rowHtml} from './rows.ts';

const themes = ['light', 'dark'] as const;
type Theme = (typeof themes)[number];
const palettes = {light: tokens('light', ['tokens.css']), dark: tokens('dark', ['tokens.css'])};

/** Text and background of the only cell in a row's markup, as a browser draws them by rows.module.css in a theme. */
function drawn(html: string, theme: Theme): {text: string; background: string} {
  const classes = /class="([^"]*)"/.exec(html)?.[1]?.split(' ') ?? [];
  const styles = /style="([^"]*)"/.exec(html)?.[1] ?? '';
  const style = new Map(styles.split(';').map((part) => part.split(':') as [string, string | undefined]));
  const token = (kind: 'fg' | 'bg') => {
    const name = classes.map((each) => new RegExp(`^ansi-${kind}-(fg|bg|\\d+)$`).exec(each)?.[1]).find(Boolean);
    return palettes[theme].get(`term-${name ?? kind}`) ?? '';
  };
  return {
    text: style.get('color') ?? (classes.includes('ansi-fg-rgb') ? (style.get(`--${theme}`) ?? '') : token('fg')),
    background: style.get('background') ?? token('bg'),
  };
}

/** Markup of one letter written with these SGR parameters. */
const terminal = new HeadlessTerminal(2, 1);
const cell = terminal.buffer.active.getNullCell();
function letter(sgr: string): string {
  terminal.take(`\x1b[H\x1b[0;${sgr}mx`);
  return rowHtml(terminal.buffer.active.getLine(0), 1, cell);
}

type Pair = {sgr: string; own: number};
const own = (text: number, background: number) => contrast(hex(text), hex(background));

/** Every text of the 256 and the default on every background of them, both ways round. */
function* pairs(): Generator<Pair> {
  const of = (index: number, otherwise: number) => (index < 0 ? otherwise : paletteColour(index, standardPalette));
  const {foreground, background} = standardPalette;
  for (let text = -1; text < 256; text++) {
    for (let ground = -1; ground < 256; ground++) {
      const sgr = [text < 0 ? '39' : `38;5;${text}`, ground < 0 ? '49' : `48;5;${ground}`].join(';');
      const ratio = own(of(text, foreground), of(ground, background));
      yield {sgr, own: ratio};
      yield {sgr: `7;${sgr}`, own: ratio};
    }
  }
}

describe.each(themes)('In the %s theme', (theme) => {
  it('each of 256 colours can be read on each other: 4.5:1 where the recording has it, else 3:1 (WCAG 2.2, 1.4.3)', () => {
    const failing: string[] = [];
    let count = 0;
    for (const {sgr, own: ratio} of pairs()) {
      const {text, background} = drawn(letter(sgr), theme);
      const found = contrast(text, background);
      if (!(found >= (ratio >= 4.5 ? 4.5 : 3))) failing.push(`${sgr}: ${found.toFixed(2)}, recorded with ${ratio.toFixed(2)}`);
      count++;
    }
    expect(count).toBe(2 * 257 * 257);
    expect(failing).toEqual([]);
  });

  it('so can any 24-bit colour on any other', () => {
    const rgb = fc.nat(0xffffff);
    const sgr = (colour: number) => `2;${colour >> 16};${(colour >> 8) & 0xff};${colour & 0xff}`;
    fc.assert(
      fc.property(rgb, fc.option(rgb), fc.boolean(), (text, ground, inverse) => {
        const codes = `${inverse ? '7;' : ''}38;${sgr(text)};${ground === null ? '49' : `48;${sgr(ground)}`}`;
        const ratio = own(text, ground ?? standardPalette.background);
        const {text: shown, background} = drawn(letter(codes), theme);
        expect(contrast(shown, background)).toBeGreaterThanOrEqual(ratio >= 4.5 ? 4.5 : 3);
      }),
      {numRuns: 3000},
    );
  });

  it('dim text keeps 3:1', () => {
    const failing: string[] = [];
    for (const {sgr} of pairs()) {
      const html = letter(`2;${sgr}`);
      const {text, background} = drawn(html, theme);
      // rows.module.css draws the class at 80 %, over the page.
      const over = (from: string) => {
        const [a, b] = [from, palettes[theme].get('term-bg') ?? ''].map((colour) => Number.parseInt(colour.slice(1), 16));
        return hex(
          [16, 8, 0].reduce(
            (mixed, shift) => mixed | (Math.round((((a ?? 0) >> shift) & 255) * 0.8 + (((b ?? 0) >> shift) & 255) * 0.2) << shift),
            0,
          ),
        );
      };
      const shown = html.includes('ansi-dim') ? [over(text), over(background)] : [text, background];
      if (!(contrast(shown[0] ?? '', shown[1] ?? '') >= 3)) failing.push(sgr);
    }
    expect(failing).toEqual([]);
  });

  it("the page's ground is that of its style sheet", () => {
    expect(hex(grounds[theme])).toBe(palettes[theme].get('term-bg'));
  });
});
