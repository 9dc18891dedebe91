import {describe, expect, it} from 'vitest';
import {feedContent} from './feed-content.ts';

const address = 'https://sheep.example/blog/a/';
const content = (html: string): string => feedContent(`<html><body><div id="__blog-post-container">${html}</div></body></html>`, address);

describe('what a feed has of a post', () => {
  it('is text and structure, without what the site alone understands', () => {
    expect(
      content(
        '<!-- --><h2 class="anchor" id="x">One &amp; two<a class="hash-link" href="#x">\u200b</a></h2>' +
          '<figure class="ss-code"><pre role="group"><code><span class="l">ls</span></code></pre><button>Copy</button></figure><script>1</script>',
      ),
    ).toBe('<h2>One &amp; two</h2><figure><pre><code>ls</code></pre></figure>');
  });

  it('has absolute addresses', () => {
    expect(content('<a href="/docs/b/#c">b</a><img src="../p.png" alt="P" loading="lazy">')).toBe(
      '<a href="https://sheep.example/docs/b/#c">b</a><img src="https://sheep.example/blog/p.png" alt="P">',
    );
  });

  it('links a recording and tells a diagram', () => {
    expect(
      content(
        '<figure id="r"><figcaption>A <b>session</b></figcaption><noscript><a href="/recordings/r.cast">it</a></noscript><pre>$</pre></figure>',
      ),
    ).toBe(`<p>Recording: <a href="${address}#r">A session</a></p>`);
    expect(content('<figure class="ss-diagram"><svg role="img"><title>Two</title><desc>One, and another.</desc></svg></figure>')).toBe(
      `<p>Diagram: <a href="${address}">Two. One, and another.</a></p>`,
    );
  });

  it('asks a prediction and folds its answer, without what only helps in using the page', () => {
    expect(
      content(
        '<div id="p"><p data-feed-ignore>Predict before you see</p><div><p>Which?</p></div><fieldset><label><input type="radio"><span>One</span></label>' +
          '<label><input type="radio"><span>Two</span></label></fieldset><p data-feed-ignore role="status"></p>' +
          '<details><summary data-search-ignore>Show me</summary><div><p>Two.</p></div></details></div>',
      ),
    ).toBe('<p>Which?</p><p>One</p><p>Two</p><details><summary>Show me</summary><p>Two.</p></details>');
  });

  it('is refused where there is no post', () => {
    expect(() => feedContent('<html><body></body></html>', address)).toThrow(`${address}: no element with the id`);
  });
});
