import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';

const css = readFileSync(path.join(import.meta.dirname, 'tokens.css'), 'utf8');

/** The colours of a theme: those of `:root`, and for dark the ones that take their place. */
function colours(theme: 'light' | 'dark'): Map<string, string> {
  const rules = theme === 'light' ? [':root'] : [':root', "[data-theme='dark']"];
  return new Map(
    rules.flatMap((rule) => {
      const body = css.slice(css.indexOf(`${rule} {`)).split('}')[0] ?? '';
      return [...body.matchAll(/--ss-([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name, value]) => [name!, value!] as const);
    }),
  );
}

/** Relative luminance of an sRGB colour (WCAG 2.2, definitions). */
function luminance(hex: string): number {
  const digits = hex.length === 4 ? hex.slice(1).replace(/./g, '$&$&') : hex.slice(1);
  const [r, g, b] = digits.match(/../g)!.map((pair) => {
    const value = Number.parseInt(pair, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const backgrounds = ['bg', 'surface', 'surface-2', 'code-bg'];
const texts = ['text', 'muted', 'accent', 'sheep', 'shepherd', 'ok', 'warn', 'danger'];
const pairs = [
  ...texts.flatMap((text) => backgrounds.map((background) => [text, background, 4.5] as const)),
  ...backgrounds.map((background) => ['control', background, 3] as const),
  ...['accent', 'sheep', 'shepherd'].map((background) => ['accent-contrast', background, 4.5] as const),
  ['text', 'highlight', 4.5] as const,
  ['term-fg', 'term-bg', 4.5] as const,
  ...Array.from({length: 16}, (_, index) => [`term-${index}`, 'term-bg', 4.5] as const),
];

describe.each(['light', 'dark'] as const)('colours, %s', (theme) => {
  const palette = colours(theme);
  it.each(pairs)('%s on %s has a contrast of at least %d:1', (text, background, least) => {
    expect(contrast(palette.get(text)!, palette.get(background)!)).toBeGreaterThanOrEqual(least);
  });
});
