import {expect, it} from 'vitest';
import {found} from './pagefind.ts';

const place = (url: string) => ({title: url, url, excerpt: ''});

it('puts the sections below their page, at most three, without the part before the first heading', () => {
  const result = found({
    url: '/docs/a/',
    excerpt: 'an <mark>excerpt</mark>',
    meta: {title: 'A'},
    sub_results: ['/docs/a/', '/docs/a/#one', '/docs/a/#two', '/docs/a/#three', '/docs/a/#four'].map(place),
  });
  expect(result.page).toEqual({title: 'A', url: '/docs/a/', excerpt: 'an <mark>excerpt</mark>'});
  expect(result.sections.map(({url}) => url)).toEqual(['/docs/a/#one', '/docs/a/#two', '/docs/a/#three']);
});
