import {readFileSync} from 'node:fs';
import path from 'node:path';
import {Resvg} from '@resvg/resvg-js';

/** Colours for pictures that follow no theme: those of the light one. */
export const colours = {wool: '#faf8f3', ink: '#1c2421', muted: '#55605a', sheep: '#0b5c47', shepherd: '#6b3fa0'};

/** The site's drawing as SVG, with fixed colours in the place of the theme's. */
export function drawing(siteDir: string): string {
  return readFileSync(path.join(siteDir, 'static/img/logo.svg'), 'utf8')
    .replaceAll(/var\(--ss-(sheep|shepherd), #\w+\)/g, (_, name: 'sheep' | 'shepherd') => colours[name])
    .replaceAll(/var\(--ss-text, #\w+\)/g, colours.ink);
}

/**
 * The drawing as a square PNG on wool, for devices that take no SVG icon.
 *
 * @param size width and height in pixels
 */
export function icon(siteDir: string, size: number): Buffer {
  const svg = drawing(siteDir).replace('viewBox="0 0 32 32"', 'viewBox="-4 -4 40 40"');
  return new Resvg(svg, {background: colours.wool, fitTo: {mode: 'width', value: size}}).render().asPng();
}
