import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {SearchIndex} from './search-index.ts';
import {sectionsOf} from './sections.ts';

const page = (article: string, head = ''): string =>
  `<!doctype html><html><head>${head}</head><body><article>${article}</article></body></html>`;

describe('sections of a page', () => {
  it('go from heading to heading, prose and code apart, in a page that does not close its elements', () => {
    const html = page(
      '<header><h1>Title</h1><div>April 1</div></header><p>Opening.<h2 id=one>One <code>thing</code><a class=hash-link href=#one>#</a></h2><p>First.<pre><code><span>a := 1</span>\n<span>b</span></code></pre><h3 id=two>Two</h3><ul><li>x<li>y</ul>',
      '<meta name=description content="About it."><meta name=keywords content="other, names">',
    );
    expect(sectionsOf(html, 'docs/a/', ['Chapter 7'])).toEqual([
      {url: 'docs/a/', page: 'Title', title: 'Title', also: 'Chapter 7\nother, names', text: 'About it.\nOpening.', code: ''},
      {url: 'docs/a/#one', page: 'Title', title: 'One thing', text: 'First.', code: 'a := 1\nb'},
      {url: 'docs/a/#two', page: 'Title', title: 'Two', within: 'One thing', text: 'x\ny', code: ''},
    ]);
  });

  it('know the sections that they are in, and what is set in bold', () => {
    const html = page(
      '<h1>T</h1><h2 id=a>A</h2><h3 id=b>B</h3><h4 id=c>C</h4><p><strong>Bold.</strong> Plain.<h3 id=d>D</h3><h2 id=e>E</h2>',
    );
    expect(sectionsOf(html, 'docs/a/').map(({title, within, also}) => [title, within, also])).toEqual([
      ['T', undefined, undefined],
      ['A', undefined, undefined],
      ['B', 'A', undefined],
      ['C', 'A\nB', 'Bold.'],
      ['D', 'A', undefined],
      ['E', undefined, undefined],
    ]);
  });

  it('leave out what is about the page, drawn, or seen by nobody', () => {
    const ignored = [
      '<nav>n</nav>',
      '<button>b</button>',
      '<footer>f</footer>',
      '<svg><text>s</text></svg>',
      '<noscript>n</noscript>',
      '<div aria-hidden=true>t</div>',
      '<div data-search-ignore>i</div>',
      '<time>0:01</time>',
    ];
    expect(sectionsOf(page(`<h1>T</h1>${ignored.join('')}<p>Text`), 'docs/a/')[0]?.text).toBe('Text');
  });

  it('keep apart what is drawn apart', () => {
    const html = page('<h1>T</h1><table><tr><td>a<td>b</table><label><span>A</span><span>The files</span></label><p>one<br>two');
    expect(sectionsOf(html, 'docs/a/')[0]?.text).toBe('a\nb\nA The files\none\ntwo');
  });

  it('end with what is to be found and not to be told: the answer to a prediction', () => {
    const html = page(
      '<h1>T</h1><p data-search-ignore>Predict<p>Which?<label>One</label><details><summary data-search-ignore>Show me</summary>' +
        '<div data-search-last><p>Two.<pre>ps</pre></div></details><p>Then.<table><tr><td><code>fork/exec: operation not permitted</code></table>',
    );
    expect(sectionsOf(html, 'docs/a/')[0]).toMatchObject({
      text: 'Which?\nOne\nThen.\nfork/exec: operation not permitted\nTwo.',
      code: 'ps',
    });
  });

  it('read the main part where there is no article', () => {
    expect(sectionsOf('<main><h1>T</h1><p>x</main>', 'more/')[0]?.text).toBe('x');
  });

  it('need an article and a title', () => {
    expect(() => sectionsOf('<p>x', 'docs/a/')).toThrow('docs/a/: no <article> or <main>');
    expect(() => sectionsOf(page('<p>x'), 'docs/a/')).toThrow('docs/a/: no <h1>');
  });
});

it('writes all sections, with the numbers of chapters', () => {
  const outDir = mkdtempSync(path.join(os.tmpdir(), 'search-'));
  try {
    const index = new SearchIndex();
    index.add(page('<h1>Linux Namespaces</h1><h2 id=a>A</h2>'), 'docs/namespaces/');
    index.add(page('<h1>A post</h1>'), 'blog/a-post/');
    index.write(outDir);
    const sections = JSON.parse(readFileSync(path.join(outDir, 'search-index.json'), 'utf8')) as {url: string; also?: string}[];
    expect(sections.map(({url, also}) => [url, also])).toEqual([
      ['docs/namespaces/', 'Chapter 1'],
      ['docs/namespaces/#a', undefined],
      ['blog/a-post/', undefined],
    ]);
  } finally {
    rmSync(outDir, {recursive: true});
  }
});
