// @vitest-environment jsdom
import {cleanup, fireEvent, render, screen} from '@testing-library/react';
import {afterEach, expect, it} from 'vitest';
import '../../reader/unclear.ts';
import Unclear from './index.tsx';

afterEach(cleanup);

const href = 'https://forge.example/issues/new?template=question.yml&title=Unclear%3A+The+idea&where=A';

/** What the form is opened with. */
const fields = (link: HTMLElement): [name: string, value: string][] => [...new URL((link as HTMLAnchorElement).href).searchParams];

it('leads to a form that has page and part, under a name that tells it from its like', () => {
  render(<Unclear href={href} part="The idea" />);
  const link = screen.getByRole('link', {name: 'Something unclear here? The idea'});
  expect(link.getAttribute('href')).toBe(href);
});

it.each(['click', 'auxclick'])('says what the browser knows of the system when it is followed (%s), once', (kind) => {
  render(<Unclear href={href} part="The idea" />);
  const link = screen.getByRole('link');
  // jsdom does not open pages.
  link.addEventListener('click', (event) => event.preventDefault());
  const follow = (): void => void fireEvent(link, new MouseEvent(kind, {bubbles: true, cancelable: true}));
  follow();
  const machine = `${navigator.userAgent}\nPlatform: ${navigator.platform}\nViewport: ${window.innerWidth} × ${window.innerHeight}`;
  const filled = [
    ['template', 'question.yml'],
    ['title', 'Unclear: The idea'],
    ['where', 'A'],
    ['machine', machine],
  ];
  expect(fields(link)).toEqual(filled);
  follow();
  expect(fields(link)).toEqual(filled);
});

it('leaves other links as they are', () => {
  render(<a href={href}>another</a>);
  const link = screen.getByRole('link');
  link.addEventListener('click', (event) => event.preventDefault());
  fireEvent.click(link);
  expect(link.getAttribute('href')).toBe(href);
});
