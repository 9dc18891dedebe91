import {expect, it} from 'vitest';
import {withoutAddress} from './head.ts';

const feed = '<link rel=alternate type=application/atom+xml href=/blog/atom.xml title=Posts>';
const style = '<link rel=stylesheet href=/a.css>';

it('takes the address and the languages out of a head, and leaves feeds and styles', () => {
  const tags = [
    '<meta data-rh=true property=og:url content=https://x.example/404.html/ />',
    '<link data-rh=true rel=canonical href=https://x.example/404.html/ />',
    '<link data-rh=true rel=alternate href=https://x.example/404.html/ hreflang=en />',
    '<link rel="alternate" href="https://x.example/404.html/" hreflang="x-default">',
  ];
  expect(withoutAddress(`<head>${tags.join('')}${feed}${style}</head>`)).toBe(`<head>${feed}${style}</head>`);
});

it('refuses a head without any, which the theme no longer writes as it did', () => {
  expect(() => withoutAddress(`<head>${feed}</head>`)).toThrow('404.html: no canonical address');
});
