/**
 * Characters that fill parts of their cell. A font draws them as high as its own lines, and no two fonts alike, so they
 * are drawn here: neighbours touch, and the separators of Powerline are there in every font.
 *
 * @see https://www.unicode.org/charts/PDF/U2580.pdf (block elements)
 */

/** Shades, by the share that is filled. */
const shades: Readonly<Record<string, number>> = {'░': 0.25, '▒': 0.5, '▓': 0.75};

/** Quadrants that U+2596 to U+259F fill: upper left, upper right, lower left, lower right. */
const quadrants: Readonly<Record<string, string>> = {
  '▖': '0010',
  '▗': '0001',
  '▘': '1000',
  '▙': '1011',
  '▚': '1001',
  '▛': '1110',
  '▜': '1101',
  '▝': '0100',
  '▞': '0110',
  '▟': '0111',
};

/** Outlines, corner by corner, of each set of quadrants that is not a rectangle. */
const outlines: Readonly<Record<string, string>> = {
  '1011': '0 0,50% 0,50% 50%,100% 50%,100% 100%,0 100%',
  '1110': '0 0,100% 0,100% 50%,50% 50%,50% 100%,0 100%',
  '1101': '0 0,100% 0,100% 100%,50% 100%,50% 50%,0 50%',
  '0111': '50% 0,100% 0,100% 100%,0 100%,0 50%,50% 50%',
  '1001': '0 0,50% 0,50% 100%,100% 100%,100% 50%,0 50%',
  '0110': '50% 0,100% 0,100% 50%,0 50%,0 100%,50% 100%',
};

/** The solid separators of Powerline: U+E0B0 and U+E0B2 triangles, the others corners (Powerline Extra Symbols). */
const separators: Readonly<Record<string, string>> = {
  '\ue0b0': '0 0,100% 50%,0 100%',
  '\ue0b2': '100% 0,100% 100%,0 50%',
  '\ue0b8': '0 0,100% 100%,0 100%',
  '\ue0ba': '100% 0,100% 100%,0 100%',
  '\ue0bc': '0 0,100% 0,0 100%',
  '\ue0be': '0 0,100% 0,100% 100%',
};

/**
 * The part of a cell that a character fills, as CSS for an element that is filled with the text's colour.
 *
 * @returns undefined for a character that a font has to draw
 */
export function blockStyle(chars: string): string | undefined {
  const code = chars.length === 1 ? chars.charCodeAt(0) : 0;
  if (code < 0x2580 || (code > 0x259f && code < 0xe0b0) || code > 0xe0be) return undefined;
  const shade = shades[chars];
  if (shade !== undefined) return `opacity:${shade}`;
  const corners = separators[chars] ?? outlines[quadrants[chars] ?? ''];
  if (corners !== undefined) return `clip-path:polygon(${corners})`;
  const edges = insets(chars, code);
  return (
    edges && (edges.some((edge) => edge > 0) ? `clip-path:inset(${edges.map((edge) => (edge === 0 ? '0' : `${edge}%`)).join(' ')})` : '')
  );
}

/** What a rectangle leaves free: percent at the top, on the right, at the bottom, on the left. */
function insets(chars: string, code: number): [number, number, number, number] | undefined {
  const eighths = (n: number) => (n * 100) / 8;
  if (code === 0x2580) return [0, 0, 50, 0];
  if (code <= 0x2588) return [eighths(0x2588 - code), 0, 0, 0];
  if (code <= 0x258f) return [0, eighths(code - 0x2588), 0, 0];
  if (code === 0x2590) return [0, 0, 0, 50];
  if (code === 0x2594) return [0, 0, eighths(7), 0];
  if (code === 0x2595) return [0, 0, 0, eighths(7)];
  const at = quadrants[chars]?.indexOf('1');
  if (at === undefined) return undefined;
  return [at < 2 ? 0 : 50, at % 2 === 1 ? 0 : 50, at < 2 ? 50 : 0, at % 2 === 1 ? 50 : 0];
}
