import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {redirects} from '../../src/data/redirects.ts';
import {redirectProblems, writeRedirects} from './redirects.ts';

const site = {url: 'https://sheep.example', baseUrl: '/base/'};

describe('the table of redirects', () => {
  it('of this site is in order', () => {
    expect(redirectProblems(redirects)).toEqual([]);
  });

  it.each([
    [[{from: '/a/', to: '/a/'}], 'leads to itself'],
    [
      [
        {from: '/a/', to: '/b/'},
        {from: '/b/', to: '/a/'},
      ],
      '/b/ has moved too',
    ],
    [
      [
        {from: '/a/', to: '/b/'},
        {from: '/a/', to: '/c/'},
      ],
      'leads somewhere else already',
    ],
    [[{from: '/a', to: '/b/'}], '"/a" is not a path'],
    [[{from: '/a/../../', to: '/b/'}], 'is not a path'],
    [[{from: '/a/', to: 'https://elsewhere.example/'}], 'is not a path'],
  ])('%j is refused: %s', (table, message) => {
    expect(redirectProblems(table).join('\n')).toContain(message);
  });
});

describe('the page at an old address', () => {
  let outDir: string;
  beforeEach(() => {
    outDir = mkdtempSync(path.join(os.tmpdir(), 'redirects-'));
    mkdirSync(path.join(outDir, 'docs/new'), {recursive: true});
    writeFileSync(path.join(outDir, 'docs/new/index.html'), '');
  });
  afterEach(() => rmSync(outDir, {recursive: true}));

  it('leads on under the base path, and names the new address', () => {
    writeRedirects(outDir, [{from: '/docs/old/', to: '/docs/new/'}], site);
    const html = readFileSync(path.join(outDir, 'docs/old/index.html'), 'utf8');
    expect(html).toContain('<meta http-equiv="refresh" content="0; url=/base/docs/new/">');
    expect(html).toContain('<link rel="canonical" href="https://sheep.example/base/docs/new/">');
    expect(html).toContain('Content-Security-Policy');
    expect(html).not.toContain('<script');
  });

  it('is refused where the new address is missing, or the old one is a page', () => {
    expect(() => writeRedirects(outDir, [{from: '/docs/old/', to: '/docs/none/'}], site)).toThrow('the site has no page /docs/none/');
    expect(() => writeRedirects(outDir, [{from: '/docs/new/', to: '/docs/new/x/'}], site)).toThrow('the site has a page /docs/new/');
  });
});
