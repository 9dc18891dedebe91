import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {CardPainter, openGraph, withCard} from './social-cards.ts';

const siteDir = path.join(import.meta.dirname, '../..');

describe('social cards', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(path.join(os.tmpdir(), 'cards-'));
  });
  afterEach(() => rmSync(cache, {recursive: true}));

  it('are PNG pictures of 1200 × 630 pixels', async () => {
    const {png} = await new CardPainter(siteDir, cache).paint({title: 'Linux Namespaces', description: 'A process alone.'});
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    // Width and height stand in the IHDR chunk (PNG specification, 11.2.1).
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
  });

  it('are drawn once, and get a new name when what they say changes', async () => {
    const painter = new CardPainter(siteDir, cache);
    const first = await painter.paint({title: 'One'});
    const again = await painter.paint({title: 'One'});
    const other = await painter.paint({title: 'Two'});
    expect(again.name).toBe(first.name);
    expect(other.name).not.toBe(first.name);
    expect(readdirSync(cache).sort()).toEqual([first.name, other.name].sort());
  });

  it('take their words from the page, with entities decoded and quotes optional', () => {
    const html =
      '<html><head><meta data-rh=true property=og:title content="Sheep &amp; Shepherd"><meta property="og:description" content=Short></head><body><p>x</p></body></html>';
    expect(openGraph(html)).toEqual({title: 'Sheep & Shepherd', description: 'Short'});
  });

  it('are named in the head of the page', () => {
    const html = withCard('<head><title>a</title></head><body></body>', {
      url: 'https://example.org/cards/a.png',
      alt: 'Sheep & "Shepherd" $&',
    });
    expect(html).toContain('<meta property="og:image" content="https://example.org/cards/a.png">');
    expect(html).toContain('<meta property="og:image:alt" content="Sheep &amp; &quot;Shepherd&quot; $&amp;">');
    expect(html.indexOf('og:image')).toBeLessThan(html.indexOf('</head>'));
  });
});
