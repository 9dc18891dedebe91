import {readFileSync} from 'node:fs';
import path from 'node:path';

/*
 * For the tests of the stylesheets: what colours they give, and how well those stand apart.
 */

/**
 * The colours of a theme: those of `:root`, and for dark the ones that take their place.
 *
 * @param files stylesheets of this folder, in the order in which the site has them
 * @returns values in hexadecimal by name without `--ss-`; a colour that is another (`var(--ss-…)`) has that one's value
 */
export function colours(theme: 'light' | 'dark', files: readonly string[]): ReadonlyMap<string, string> {
  const css = files.map((file) => readFileSync(path.join(import.meta.dirname, file), 'utf8')).join('\n');
  const found = new Map<string, string>();
  for (const [, selector, body = ''] of css.matchAll(/^(?:@media not print \{\n +)?(:root|\[data-theme='dark'\]) \{([^}]*)\}/gm)) {
    if (selector !== ':root' && theme === 'light') continue;
    for (const [, name = '', value = ''] of body.matchAll(/--ss-([\w-]+): (#[0-9a-f]{3,6}|var\(--ss-[\w-]+\));/g)) found.set(name, value);
  }
  for (const [name, value] of found) {
    const other = /^var\(--ss-(.*)\)$/.exec(value)?.[1];
    if (other !== undefined) found.set(name, found.get(other) ?? value);
  }
  return found;
}

/** Relative luminance of an sRGB colour (WCAG 2.2, definitions). */
function luminance(hex: string): number {
  const digits = /^#(?:[0-9a-f]{3}){1,2}$/.test(hex) ? (hex.length === 4 ? hex.slice(1).replace(/./g, '$&$&') : hex.slice(1)) : undefined;
  if (digits === undefined) throw new Error(`${hex} is not a colour in hexadecimal`);
  const [r = 0, g = 0, b = 0] = (digits.match(/../g) ?? []).map((pair) => {
    const value = Number.parseInt(pair, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours (WCAG 2.2, definitions), 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
