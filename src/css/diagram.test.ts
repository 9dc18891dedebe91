import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {nodeClasses, roles} from '../../plugins/diagrams/palette.ts';
import {colours, contrast} from './colours.ts';

const css = readFileSync(path.join(import.meta.dirname, 'diagram.css'), 'utf8');
const filled = ['node', 'note', 'active', ...nodeClasses];

describe.each(['light', 'dark'] as const)('diagrams, %s', (theme) => {
  const palette = colours(theme, ['tokens.css', 'diagram.css']);
  const ratio = (one: string, other: string): number => contrast(palette.get(one)!, palette.get(other)!);

  it.each(['back', 'group', ...filled].map((role) => `diagram-${role}`))('text on %s has a contrast of at least 4.5:1', (background) => {
    expect(ratio('text', background)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(filled)('the edge of %s has a contrast of at least 3:1 to what is inside and outside', (role) => {
    for (const other of [role, 'back', 'group']) expect(ratio(`diagram-${role}-edge`, `diagram-${other}`), other).toBeGreaterThanOrEqual(3);
  });

  it.each(['back', 'group', ...filled])('lines have a contrast of at least 3:1 on %s', (role) => {
    expect(ratio('diagram-line', `diagram-${role}`)).toBeGreaterThanOrEqual(3);
  });
});

it.each(roles)('the stylesheet has the colour of role %s, as fill and as edge', (role) => {
  expect(css).toContain(`.f-${role} {`);
  if (!['text'].includes(role)) expect(css).toContain(`.s-${role} {`);
});
