import {expect, it, vi} from 'vitest';
import {byYear} from './index.tsx';

vi.mock('@theme/Heading', () => ({default: () => null}));

it('groups entries by year and keeps their order', () => {
  const entries = ['2026-03-01', '2026-01-05', '2025-12-31'].map((date) => ({date, title: date, about: ''}));
  expect(byYear(entries).map(([year, own]) => [year, own.map(({date}) => date)])).toEqual([
    ['2026', ['2026-03-01', '2026-01-05']],
    ['2025', ['2025-12-31']],
  ]);
});
