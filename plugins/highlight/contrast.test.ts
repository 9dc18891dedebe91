import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';

const css = ['src/css/tokens.css', 'src/css/code.css'].map((file) => readFileSync(file, 'utf8')).join('\n');

/** Custom properties of a theme: those of `:root`, and in dark those that `[data-theme='dark']` sets anew. */
function properties(theme: 'light' | 'dark'): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, selector, body] of css.replace(/\/\*[^]*?\*\//g, '').matchAll(/^(:root|\[data-theme='dark'\])\s*\{([^}]*)\}/gm)) {
    if (selector !== ':root' && theme === 'light') continue;
    for (const [, name, value] of body!.matchAll(/(--ss-[\w-]+):\s*([^;]+);/g)) found.set(name!, value!.trim());
  }
  return found;
}

/** Relative luminance of a colour (WCAG 2.2). */
function luminance(color: string): number {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color)?.[1];
  if (!hex) throw new Error(`${color} is no hexadecimal colour`);
  const channels = (hex.length === 3 ? hex.replace(/./g, '$&$&') : hex).match(/../g)!.map((pair) => {
    const value = parseInt(pair, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * channels[0]! + 0.7152 * channels[1]! + 0.0722 * channels[2]!;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe.each(['light', 'dark'] as const)('code in %s', (theme) => {
  const values = properties(theme);
  const colors = [...values.keys()].filter((name) => name.startsWith('--ss-code-') && !/-(bg|emphasis|emphasis-edge)$/.test(name));

  it('has a colour for each kind of token that the stylesheet names', () => {
    expect(colors.length).toBeGreaterThanOrEqual(12);
    for (const [, name] of css.matchAll(/var\((--ss-code-[\w-]+)\)/g)) expect(values.has(name!), name).toBe(true);
  });

  it.each(['--ss-code-bg', '--ss-code-emphasis'])('is legible on %s', (background) => {
    for (const name of colors) expect(contrast(values.get(name)!, values.get(background)!), name).toBeGreaterThanOrEqual(4.5);
  });

  it('marks emphasised lines with an edge that can be seen', () => {
    expect(contrast(values.get('--ss-code-emphasis-edge')!, values.get('--ss-code-emphasis')!)).toBeGreaterThanOrEqual(3);
  });
});
