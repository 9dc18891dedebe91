import {describe, expect, it} from 'vitest';
import {colours, contrast} from './colours.ts';

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
  const palette = colours(theme, ['tokens.css']);
  it.each(pairs)('%s on %s has a contrast of at least %d:1', (text, background, least) => {
    expect(contrast(palette.get(text)!, palette.get(background)!)).toBeGreaterThanOrEqual(least);
  });
});
