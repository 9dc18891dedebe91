// @vitest-environment jsdom
import {act, cleanup, render, screen} from '@testing-library/react';
import {renderToString} from 'react-dom/server';
import {afterEach, expect, test, vi} from 'vitest';
import {recall, remember, useRemembered} from './storage.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';

function Shown() {
  return <p>{useRemembered('n', isNumber) ?? 'nothing'}</p>;
}

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  remember('n', null);
});

test('recalls what was remembered, and nothing after it was forgotten', () => {
  remember('n', 7);
  expect(window.localStorage.getItem('ss:n')).toBe('7');
  expect(recall('n', isNumber)).toBe(7);
  remember('n', null);
  expect(recall('n', isNumber)).toBeNull();
});

test('ignores values of another shape and text that is no JSON', () => {
  remember('n', 'seven');
  expect(recall('n', isNumber)).toBeNull();
  window.localStorage.setItem('ss:n', '{');
  expect(recall('n', isNumber)).toBeNull();
});

test('keeps a value for the visit when storage refuses it', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  remember('n', 3);
  expect(recall('n', isNumber)).toBe(3);
  expect(window.localStorage.getItem('ss:n')).toBeNull();
});

test('does not fail when storage may not even be read', () => {
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  expect(recall('n', isNumber)).toBeNull();
});

test('a component shows nothing on the server, the value in the page, and follows changes', () => {
  remember('n', 1);
  expect(renderToString(<Shown />)).toBe('<p>nothing</p>');
  render(<Shown />);
  expect(screen.getByText('1')).toBeTruthy();
  act(() => remember('n', 2));
  expect(screen.getByText('2')).toBeTruthy();
});

test('a component follows a change made in another tab', () => {
  render(<Shown />);
  act(() => {
    window.localStorage.setItem('ss:n', '9');
    window.dispatchEvent(new StorageEvent('storage', {key: 'ss:n'}));
  });
  expect(screen.getByText('9')).toBeTruthy();
});
