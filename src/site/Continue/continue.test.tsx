// @vitest-environment jsdom
import {act, cleanup, render, screen} from '@testing-library/react';
import type {ReactNode} from 'react';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {recall} from '@site/src/reader/storage.ts';
import {headingAt, isPlace, PLACE} from '@site/src/reader/place.ts';
import {onRouteDidUpdate} from '@site/src/reader/record-place';
import Continue from './index.tsx';

// The real one asks for a router.
vi.mock('@docusaurus/Link', () => ({default: ({to, children}: {to: string; children: ReactNode}) => <a href={to}>{children}</a>}));

beforeEach(() => {
  window.localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  onRouteDidUpdate({location: {pathname: '/'}});
  window.history.replaceState(null, '', '/');
  document.body.innerHTML = '';
});

/** A page with two sections, the second just scrolled into the upper half. */
function open(path: string): void {
  window.history.replaceState(null, '', path);
  document.body.innerHTML = '<article><h1>Namespaces: Isolation</h1><h2 id="a">First<a>#</a></h2><h2 id="b">Second<a>#</a></h2></article>';
  for (const [id, top] of [
    ['a', -500],
    ['b', 100],
  ] as const) {
    const heading = document.getElementById(id);
    if (heading) heading.getBoundingClientRect = () => new DOMRect(0, top, 0, 0);
  }
  onRouteDidUpdate({location: {pathname: path}});
}

function scroll(): void {
  window.dispatchEvent(new Event('scroll'));
  act(() => {
    vi.runAllTimers();
  });
}

test('a first visitor is offered the first chapter', () => {
  render(<Continue />);
  const link = screen.getByRole('link', {name: 'Linux Namespaces'});
  expect(link.getAttribute('href')).toBe('/docs/namespaces/');
});

test('reading a chapter is remembered with its section, and offered', () => {
  open('/docs/namespaces/');
  scroll();
  expect(recall(PLACE, isPlace)).toEqual({path: '/docs/namespaces/', title: 'Namespaces: Isolation', section: {id: 'b', title: 'Second'}});
  render(<Continue />);
  const link = screen.getByRole('link', {name: 'Namespaces, “Second”'});
  expect(link.getAttribute('href')).toBe('/docs/namespaces/#b');
});

test('opening a chapter without reading on does not move the bookmark', () => {
  open('/docs/namespaces/');
  act(() => {
    vi.runAllTimers();
  });
  expect(recall(PLACE, isPlace)).toBeNull();
});

test('pages that are not chapters do not move the bookmark', () => {
  for (const path of ['/docs/start/', '/docs/glossary/', '/base/docs/setup/', '/blog/', '/']) {
    open(path);
    scroll();
    expect(recall(PLACE, isPlace), path).toBeNull();
  }
});

test('leaving a chapter stops the recording', () => {
  open('/docs/namespaces/');
  window.dispatchEvent(new Event('scroll'));
  onRouteDidUpdate({location: {pathname: '/blog/'}});
  act(() => {
    vi.runAllTimers();
  });
  expect(recall(PLACE, isPlace)).toBeNull();
});

test('a stored place must be an address on this site', () => {
  expect(isPlace({path: '/docs/x/', title: 'X', section: null})).toBe(true);
  for (const path of ['javascript:alert(1)', '//elsewhere.example/', 'https://elsewhere.example/']) {
    expect(isPlace({path, title: 'X', section: null}), path).toBe(false);
  }
  expect(isPlace({path: '/x', title: 'X', section: {id: 1}})).toBe(false);
  expect(isPlace(null)).toBe(false);
});

test('the section is the last heading above the line', () => {
  const headings = [{top: -900}, {top: -10}, {top: 400}];
  expect(headingAt(headings, 300)).toBe(headings[1]);
  expect(headingAt(headings, -1000)).toBeNull();
});
