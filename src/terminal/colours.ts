/**
 * Colours that a recording may use, and how they stay legible on the page. All are 24-bit numbers, red in the highest byte.
 */

/** The colours of a terminal. */
export type Palette = {
  readonly foreground: number;
  readonly background: number;
  /** The sixteen of SGR 30 to 37, 90 to 97 and of 256-colour indexes 0 to 15. */
  readonly sixteen: readonly number[];
};

/**
 * What a recording's terminal is taken to have looked like: the palette of the Tango Desktop Project, as GNOME's terminal
 * and xterm.js have it, white on black.
 */
export const standardPalette: Palette = {
  foreground: 0xffffff,
  background: 0x000000,
  sixteen: [
    0x2e3436, 0xcc0000, 0x4e9a06, 0xc4a000, 0x3465a4, 0x75507b, 0x06989a, 0xd3d7cf, 0x555753, 0xef2929, 0x8ae234, 0xfce94f, 0x729fcf,
    0xad7fa8, 0x34e2e2, 0xeeeeec,
  ],
};

/** The page's own ground, `--ss-term-bg` of its themes. */
export const grounds = {light: 0xfffdf8, dark: 0x0d1310} as const;

/** Levels of one channel in the 6×6×6 colour cube of xterm's 256-colour palette. */
const cube = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];

/** Colour of an index of xterm's 256-colour palette: sixteen of the terminal, the colour cube, 24 greys. */
export function paletteColour(index: number, palette: Palette): number {
  if (index < 16) return palette.sixteen[index] ?? 0;
  if (index >= 232) return (8 + (index - 232) * 10) * 0x010101;
  const n = index - 16;
  return ((cube[Math.floor(n / 36)] ?? 0) << 16) | ((cube[Math.floor(n / 6) % 6] ?? 0) << 8) | (cube[n % 6] ?? 0);
}

/** `#rrggbb` */
export function hex(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}

/** A channel's light, 0 to 1, by its value in sRGB, 0 to 255 (WCAG 2.2, relative luminance). */
const light = Float64Array.from({length: 256}, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

function luminance(colour: number): number {
  return 0.2126 * (light[colour >> 16] ?? 0) + 0.7152 * (light[(colour >> 8) & 0xff] ?? 0) + 0.0722 * (light[colour & 0xff] ?? 0);
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2, contrast ratio). */
export function contrast(one: number, other: number): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Contrast that text needs (WCAG 2.2, 1.4.3) where the recording has it, and that it gets where the recording has less. */
const enough = 4.5;
const least = 3;

/**
 * A recording's text on a background that it chose itself: as it is, unless it could not be read.
 *
 * @returns the text's colour, with a contrast of at least 3:1
 */
export function legible(text: number, background: number): number {
  return withContrast(text, background, least);
}

/**
 * A recording's text where its background is the terminal's own, which on the page is another one. Hues are kept and get
 * the contrast that they need; a grey, which has no hue to lose, keeps the contrast that it had.
 *
 * @param ground the page's background
 * @returns the text's colour, with a contrast of at least 4.5:1, or 3:1 where the recording has less than 4.5:1
 */
export function adapted(text: number, ground: number, palette: Palette): number {
  const had = contrast(text, palette.background);
  const [red, green, blue] = [text >> 16, (text >> 8) & 0xff, text & 0xff];
  const most = Math.max(red, green, blue);
  const grey = most === 0 ? 1 : Math.min(red, green, blue) / most;
  const needed = had < enough ? least : Math.min(had, enough + grey ** 2 * (21 - enough));
  return contrast(text, ground) >= (had < enough ? least : enough) ? text : withContrast(text, ground, needed);
}

/** `part` of 0 is `from`, of 1 `to`. */
export function mix(from: number, to: number, part: number): number {
  let mixed = 0;
  for (const shift of [16, 8, 0]) {
    const [a, b] = [(from >> shift) & 0xff, (to >> shift) & 0xff];
    mixed |= Math.round(a + (b - a) * part) << shift;
  }
  return mixed;
}

/**
 * `text`, as little nearer to white or black as gives it a contrast of `ratio` to `background`, or white or black where
 * none gives that much.
 */
function withContrast(text: number, background: number, ratio: number): number {
  if (contrast(text, background) >= ratio) return text;
  const brighter = luminance(text) > luminance(background) || (text === background && luminance(text) < 0.18);
  const [first, second] = brighter ? [0xffffff, 0x000000] : [0x000000, 0xffffff];
  const towards = contrast(first, background) >= ratio || contrast(first, background) >= contrast(second, background) ? first : second;
  let [low, high] = [0, 1];
  for (let i = 0; i < 9; i++) {
    const middle = (low + high) / 2;
    // Towards the other side the contrast falls before it rises.
    const passed = luminance(mix(text, towards, middle)) > luminance(background) === (towards === 0xffffff);
    if (passed && contrast(mix(text, towards, middle), background) >= ratio) high = middle;
    else low = middle;
  }
  return mix(text, towards, high);
}
