import {describe, expect, it} from 'vitest';

import {blockStyle} from './blocks.ts';

/** Whether a style fills the middle of eighth `x`, counted from the left, of eighth `y` of a cell, from the top. */
function fills(style: string, x: number, y: number): boolean {
  const [across, down] = [(x + 0.5) * 12.5, (y + 0.5) * 12.5];
  const [top = 0, right = 0, bottom = 0, left = 0] = (/inset\((.*)\)/.exec(style)?.[1] ?? '').split(' ').map(parseFloat);
  const corners = /polygon\((.*)\)/
    .exec(style)?.[1]
    ?.split(',')
    .map((corner) => corner.split(' ').map(parseFloat));
  if (!corners) return down > (top || 0) && down < 100 - bottom && across < 100 - right && across > left;
  // The corners of the two diagonal ones meet in the middle, as "even-odd" and "nonzero" see it alike.
  let inside = false;
  for (const [i, [x1 = 0, y1 = 0]] of corners.entries()) {
    const [x2 = 0, y2 = 0] = corners[(i + 1) % corners.length] ?? [];
    if (y1 > down !== y2 > down && across < ((x2 - x1) * (down - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

/** Filled eighths of the four quadrants: upper left, upper right, lower left, lower right; 16 is all. */
function quadrants(style: string): number[] {
  const counts = [0, 0, 0, 0];
  for (let y = 0; y < 8; y++) for (let x = 0; x < 8; x++) if (fills(style, x, y)) counts[(y < 4 ? 0 : 2) + (x < 4 ? 0 : 1)]! += 1;
  return counts;
}

describe('blockStyle', () => {
  // The names of the characters in the Unicode chart U2580.
  it.each<[string, string, number[]]>([
    ['▀', 'upper half', [16, 16, 0, 0]],
    ['▁', 'lower one eighth', [0, 0, 4, 4]],
    ['▄', 'lower half', [0, 0, 16, 16]],
    ['▇', 'lower seven eighths', [12, 12, 16, 16]],
    ['█', 'full', [16, 16, 16, 16]],
    ['▉', 'left seven eighths', [16, 12, 16, 12]],
    ['▌', 'left half', [16, 0, 16, 0]],
    ['▏', 'left one eighth', [4, 0, 4, 0]],
    ['▐', 'right half', [0, 16, 0, 16]],
    ['▔', 'upper one eighth', [4, 4, 0, 0]],
    ['▕', 'right one eighth', [0, 4, 0, 4]],
    ['▖', 'quadrant lower left', [0, 0, 16, 0]],
    ['▗', 'quadrant lower right', [0, 0, 0, 16]],
    ['▘', 'quadrant upper left', [16, 0, 0, 0]],
    ['▙', 'quadrant upper left and lower left and lower right', [16, 0, 16, 16]],
    ['▚', 'quadrant upper left and lower right', [16, 0, 0, 16]],
    ['▛', 'quadrant upper left and upper right and lower left', [16, 16, 16, 0]],
    ['▜', 'quadrant upper left and upper right and lower right', [16, 16, 0, 16]],
    ['▝', 'quadrant upper right', [0, 16, 0, 0]],
    ['▞', 'quadrant upper right and lower left', [0, 16, 16, 0]],
    ['▟', 'quadrant upper right and lower left and lower right', [0, 16, 16, 16]],
  ])('%s fills what its name says: %s', (character, _name, filled) => {
    expect(quadrants(blockStyle(character) ?? 'none')).toEqual(filled);
  });

  it('shades a whole cell', () => {
    expect(['░', '▒', '▓'].map(blockStyle)).toEqual(['opacity:0.25', 'opacity:0.5', 'opacity:0.75']);
  });

  it('knows every character of its block, and no other', () => {
    const known = (first: number, last: number) =>
      Array.from({length: last - first + 1}, (_, i) => String.fromCharCode(first + i)).filter(
        (character) => blockStyle(character) !== undefined,
      );
    expect(known(0x2580, 0x259f).length).toBe(32);
    expect(known(0x20, 0x257f)).toEqual([]);
    expect(known(0x25a0, 0xe0af)).toEqual([]);
    expect(known(0xe0b0, 0xffff)).toEqual(['\ue0b0', '\ue0b2', '\ue0b8', '\ue0ba', '\ue0bc', '\ue0be']);
    expect(['', '▀\u0301', '🚀'].map(blockStyle)).toEqual([undefined, undefined, undefined]);
  });

  it('points the separators to the right and to the left', () => {
    expect([quadrants(blockStyle('\ue0b0') ?? ''), quadrants(blockStyle('\ue0b2') ?? '')].map(([a = 0, b = 0]) => a > b)).toEqual([
      true,
      false,
    ]);
  });
});
