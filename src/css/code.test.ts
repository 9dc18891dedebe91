import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {colours, contrast} from './colours.ts';

const css = readFileSync(path.join(import.meta.dirname, 'code.css'), 'utf8');
const backgrounds = ['code-bg', 'code-emphasis', 'code-new'];
/** Whatever the stylesheet colours text with, so that a new colour is tested without being listed here. */
const texts = [...new Set([...css.matchAll(/[{;\s]color: var\(--ss-(code-[\w-]+)\)/g)].map(([, name = '']) => name))];

describe.each(['light', 'dark'] as const)('code, %s', (theme) => {
  const palette = colours(theme, ['tokens.css', 'code.css']);

  it('has colours for all kinds of tokens', () => {
    expect(texts.length).toBeGreaterThanOrEqual(12);
  });

  it.each(texts.flatMap((text) => backgrounds.map((background) => [text, background])))(
    '%s on %s has a contrast of at least 4.5:1',
    (text, background) => {
      expect(contrast(palette.get(text)!, palette.get(background)!)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(['emphasis', 'new'])('marks lines with an edge that can be seen: %s', (kind) => {
    expect(contrast(palette.get(`code-${kind}-edge`)!, palette.get(`code-${kind}`)!)).toBeGreaterThanOrEqual(3);
  });
});
