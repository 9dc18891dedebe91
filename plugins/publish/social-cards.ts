import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {Resvg} from '@resvg/resvg-js';
import {Parser} from 'htmlparser2';
import {createElement as h} from 'react';
import satori from 'satori';
import {writeAtomically} from '../../host/files.ts';
import {escapeHtml} from '../../src/terminal/html.ts';
import {colours, drawing} from './logo.ts';

/** Size that every network shows uncropped. */
const width = 1200;
const height = 630;

/** What a card says. */
export type Card = {
  readonly title: string;
  readonly description?: string;
  /** Line above the title: the chapter, or the kind of page. */
  readonly eyebrow?: string;
  readonly part?: 'sheep' | 'shepherd';
};

/** The Open Graph properties of a page that its card needs, as the page itself has them. */
export function openGraph(html: string): {title?: string; description?: string} {
  const found: Record<string, string> = {};
  const parser = new Parser({
    onopentag(name, {property, content}) {
      if (name === 'meta' && property && content !== undefined) found[property] ??= content;
      if (name === 'body') parser.pause();
    },
  });
  parser.write(html.slice(0, html.search(/<body[\s>]/)));
  return {title: found['og:title'], description: found['og:description']};
}

/** Draws cards and keeps what it has drawn, by the hash of the drawing, so that a build only draws what is new. */
export class CardPainter {
  private readonly font: Buffer;
  private readonly logo: string;

  /**
   * @param siteDir root of the site, whose logo and heading face the cards use
   * @param cache folder of earlier drawings
   */
  constructor(
    siteDir: string,
    private readonly cache: string,
  ) {
    this.font = readFileSync(path.join(siteDir, 'node_modules/@fontsource/zilla-slab/files/zilla-slab-latin-600-normal.woff'));
    this.logo = `data:image/svg+xml;base64,${Buffer.from(drawing(siteDir)).toString('base64')}`;
  }

  /** The card as PNG, and a name for it that changes when it does. */
  async paint(card: Card): Promise<{name: string; png: Buffer}> {
    const svg = await satori(this.layout(card), {
      width,
      height,
      fonts: [{name: 'Zilla Slab', data: this.font, weight: 600, style: 'normal'}],
    });
    const name = `${createHash('sha256').update(svg).digest('hex').slice(0, 16)}.png`;
    const file = path.join(this.cache, name);
    if (existsSync(file)) return {name, png: readFileSync(file)};
    const png = new Resvg(svg, {font: {loadSystemFonts: false}}).render().asPng();
    writeAtomically(file, png);
    return {name, png};
  }

  private layout({title, description, eyebrow, part}: Card): ReturnType<typeof h> {
    const accent = colours[part ?? 'sheep'];
    return h(
      'div',
      {
        style: {
          display: 'flex',
          boxSizing: 'border-box',
          flexDirection: 'column',
          width,
          height,
          padding: '64px 72px',
          backgroundColor: colours.wool,
          borderBottom: `20px solid ${accent}`,
          color: colours.ink,
          fontFamily: 'Zilla Slab',
        },
      },
      h('div', {style: {display: 'flex', height: 40, fontSize: 32, color: accent}}, eyebrow ?? ''),
      h('div', {style: {display: 'block', marginTop: 16, fontSize: title.length > 60 ? 60 : 76, lineHeight: 1.12, lineClamp: 3}}, title),
      description === undefined
        ? null
        : h(
            'div',
            {style: {display: 'block', marginTop: 24, fontSize: 34, lineHeight: 1.35, color: colours.muted, lineClamp: 3}},
            description,
          ),
      h(
        'div',
        {style: {display: 'flex', alignItems: 'center', marginTop: 'auto', fontSize: 40}},
        h('img', {src: this.logo, width: 84, height: 84, style: {marginRight: 24}}),
        'Sheep & Shepherd',
      ),
    );
  }
}

/** A page that names its card. */
export function withCard(html: string, image: {url: string; alt: string}): string {
  const tags = [
    `<meta property="og:image" content="${escapeHtml(image.url)}">`,
    `<meta property="og:image:width" content="${width}">`,
    `<meta property="og:image:height" content="${height}">`,
    `<meta property="og:image:alt" content="${escapeHtml(image.alt)}">`,
    `<meta name="twitter:image" content="${escapeHtml(image.url)}">`,
  ].join('');
  return html.replace('</head>', () => `${tags}</head>`);
}
