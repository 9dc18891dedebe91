import {createHash} from 'node:crypto';
import {describe, expect, it} from 'vitest';
import {withPolicy} from './csp.ts';

const hash = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

describe('content security policy', () => {
  it('is the first thing in head', () => {
    expect(withPolicy('<!doctype html><html><head lang=en><meta charset=UTF-8></head></html>', 'a.html')).toMatch(
      /^<!doctype html><html><head lang=en><meta http-equiv="Content-Security-Policy" content="[^"]+"><meta charset=UTF-8>/,
    );
  });

  it('allows the inline scripts of the page by hash, and no others', () => {
    const html =
      '<head></head><body><script>let a = "<b>&amp;";</script><script src=/x.js defer></script><script type="module">b()</script></body>';
    const result = withPolicy(html, 'a.html');
    expect(result).toContain(`script-src 'self' ${hash('let a = "<b>&amp;";')} ${hash('b()')};`);
  });

  it('leaves blocks of data alone', () => {
    const result = withPolicy('<head><script type="application/ld+json">{}</script></head>', 'a.html');
    expect(result).toContain("script-src 'self';");
  });

  it('allows neither eval nor another origin', () => {
    const result = withPolicy('<head></head>', 'a.html');
    expect(result).not.toContain("'unsafe-eval'");
    expect(result).not.toMatch(/https?:|\*/);
  });

  it('leaves the charset within the first 1024 bytes, where browsers look for it', () => {
    const result = withPolicy('<!doctype html><html><head><meta charset=UTF-8></head><script>1</script></html>', 'a.html');
    expect(result.indexOf('charset')).toBeLessThan(1000);
  });

  it('refuses what is not a document, and a second policy', () => {
    expect(() => withPolicy('<p>text</p>', 'a.html')).toThrow('a.html: no <head>');
    expect(() => withPolicy(withPolicy('<head></head>', 'a.html'), 'a.html')).toThrow('a.html: has a content security policy already');
  });
});
