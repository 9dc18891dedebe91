import {randomBytes} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {weights} from '../../budgets.ts';
import {htmlPages, overweight, weigh} from './weigh.ts';

let folder: string;
const write = (file: string, content: string | Buffer): void => {
  mkdirSync(path.dirname(path.join(folder, file)), {recursive: true});
  writeFileSync(path.join(folder, file), content);
};

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'weigh-'));
  // Bytes that cannot be compressed, like a picture's.
  write('assets/images/big-0a1b.png', randomBytes(1_500_000));
  write('assets/small.png', randomBytes(100));
  write('assets/font.woff2', randomBytes(200));
  write('assets/site.css', '@font-face{src:url(font.woff2)}body{background:url("/base/assets/images/big-0a1b.png")}');
  write('recordings/a.cast', 'cast');
  write('recordings/a.json', '{}');
  write('recordings/a.poster.html', '<pre>$</pre>');
});
afterAll(() => rmSync(folder, {recursive: true}));

const page = (body: string, file = 'docs/one/index.html'): ReturnType<typeof weigh> => {
  write(file, `<!doctype html><html><head></head><body>${body}</body></html>`);
  return weigh(folder, file, '/base/');
};
const files = (parts: ReturnType<typeof weigh>): string[] =>
  parts.filter(({kind}) => kind !== 'html').map(({kind, file}) => `${kind} ${file}`);

describe('what a page weighs', () => {
  it.each([
    '<img src="/base/assets/images/big-0a1b.png" loading="lazy">',
    '<img src="../../assets/images/big-0a1b.png">',
    '<picture><source srcset="/base/assets/images/big-0a1b.png 2x, /base/none.png 1x"></picture>',
    '<div style="background:url(/base/assets/images/big-0a1b.png)"></div>',
    '<video poster="/base/assets/images/big-0a1b.png"></video>',
    '<svg><image href="/base/assets/images/big-0a1b.png"/></svg>',
  ])('counts the picture of %s', (body) => {
    expect(files(page(body))).toEqual(['pictures assets/images/big-0a1b.png']);
  });

  it('counts the fonts and pictures of a style sheet, and what a recording takes', () => {
    expect(files(page('<link rel="stylesheet" href="/base/assets/site.css"><a href="/base/recordings/a.cast">play</a>'))).toEqual([
      'css assets/site.css',
      'fonts assets/font.woff2',
      'pictures assets/images/big-0a1b.png',
      'recordings recordings/a.cast',
      'recordings recordings/a.json',
    ]);
  });

  it('counts a file once, and nothing of other sites', () => {
    const twice = '<img src="/base/assets/small.png">'.repeat(2);
    expect(files(page(`${twice}<img src="https://elsewhere.example/a.png"><svg><use href="#a"/></svg>`))).toEqual([
      'pictures assets/small.png',
    ]);
  });

  it('is asked of pages, not of fragments', () => {
    page('', 'index.html');
    expect(htmlPages(folder)).toEqual(['docs/one/index.html', 'index.html']);
  });
});

describe.each(weights)('a picture of 1.5 MB', ({kind, budget}) => {
  it(`on a ${kind} page is named with its size, its page and the remedy`, () => {
    const parts = page('<img src="/base/assets/images/big-0a1b.png" loading="lazy">');
    const said = overweight('docs/one/', kind, parts, budget).join('\n');
    expect(said).toMatch(/^\/docs\/one\/: 1500\.0 kB of pictures, .*big-0a1b\.png \(1500\.0 kB\)\. Scale the picture/);
  });
});
