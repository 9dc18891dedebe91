import {expect, test} from 'vitest';
import {otherPosts} from './other-posts.ts';

test('there are 34 posts, each titled once, newest first', () => {
  expect(otherPosts).toHaveLength(34);
  expect(new Set(otherPosts.map(({title}) => title)).size).toBe(34);
  const dates = otherPosts.map(({date}) => date);
  expect(dates).toEqual([...dates].sort().reverse());
});

test('each date is a day of the calendar', () => {
  for (const {date, title} of otherPosts) {
    expect(new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10), title).toBe(date);
  }
});

test('each post is described in one short sentence', () => {
  for (const {about, title} of otherPosts) {
    expect(about, title).toMatch(/^[A-Z][^\n]*\.$/);
    expect(about.length, title).toBeLessThanOrEqual(130);
  }
});
