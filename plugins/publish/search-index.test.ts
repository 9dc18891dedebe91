import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {withSearchedArticle, writeSearchIndex} from './search-index.ts';

const siteDir = path.join(import.meta.dirname, '../..');

describe('search index', () => {
  let outDir: string;
  beforeEach(() => {
    outDir = mkdtempSync(path.join(os.tmpdir(), 'search-'));
  });
  afterEach(() => rmSync(outDir, {recursive: true}));

  function page(name: string, html: string): void {
    mkdirSync(path.join(outDir, name), {recursive: true});
    writeFileSync(path.join(outDir, name, 'index.html'), html);
  }

  it('holds the marked pages and no others, and leaves the ready-made interfaces out', async () => {
    page('docs/a', withSearchedArticle('<html><body><article class=x><h1>A</h1><p>sheep</p></article></body></html>', 'a'));
    page('blog', '<html><body><article><h1>List</h1></article></body></html>');
    await writeSearchIndex(siteDir, outDir);
    const files = readdirSync(path.join(outDir, 'pagefind'), {recursive: true, encoding: 'utf8'});
    expect(files).toContain('pagefind.js');
    expect(files.filter((file) => file.endsWith('.pf_fragment'))).toHaveLength(1);
    expect(files.filter((file) => file.includes('-ui.'))).toEqual([]);
  });

  it('says what Pagefind said when it fails', async () => {
    await expect(writeSearchIndex(siteDir, path.join(outDir, 'nowhere'))).rejects.toThrow(
      /search: Pagefind could not index .*nowhere\n[\s\S]+/,
    );
  });

  it('refuses a page without an article', () => {
    expect(() => withSearchedArticle('<html><body></body></html>', 'docs/a/index.html')).toThrow('docs/a/index.html: no <article>');
  });
});
