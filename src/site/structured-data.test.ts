import {expect, it} from 'vitest';
import {corrected} from './structured-data.ts';

const site = {title: 'Sheep', url: 'https://sheep.example/base/'};

it('ends the addresses of pages as the pages do, and no others', () => {
  expect(
    corrected(
      {
        '@id': 'https://sheep.example/base/blog/a',
        url: 'https://sheep.example/base/blog/a/',
        isPartOf: {'@id': 'https://sheep.example/base/blog'},
        image: {'@id': 'https://sheep.example/base/img/a.png', url: 'https://elsewhere.example/b'},
      },
      site,
    ),
  ).toEqual({
    '@id': 'https://sheep.example/base/blog/a/',
    url: 'https://sheep.example/base/blog/a/',
    isPartOf: {'@id': 'https://sheep.example/base/blog/'},
    image: {'@id': 'https://sheep.example/base/img/a.png', url: 'https://elsewhere.example/b'},
  });
});

it('calls the site an organisation and leaves empty lists out', () => {
  expect(
    corrected(
      {
        keywords: [],
        author: [
          {'@type': 'Person', name: 'Sheep', url: 'https://other.example/'},
          {'@type': 'Person', name: 'Ann'},
        ],
      },
      site,
    ),
  ).toEqual({
    author: [
      {'@type': 'Organization', name: 'Sheep', url: 'https://sheep.example/base/'},
      {'@type': 'Person', name: 'Ann'},
    ],
  });
});
