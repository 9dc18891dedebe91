// @vitest-environment jsdom
import {cleanup, fireEvent, render, screen, within} from '@testing-library/react';
import {renderToStaticMarkup} from 'react-dom/server';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {Choice} from '../Choice/index.tsx';
import {Question, Quiz, Why} from './index.tsx';

/** Anchors that the build is told of. */
const anchors: string[] = [];
vi.mock('@docusaurus/useBrokenLinks', () => ({
  default: () => ({collectAnchor: (anchor: string) => void anchors.push(anchor), collectLink: () => undefined}),
}));

function Sample() {
  return (
    <Quiz id="sample">
      <Question id="first">
        <p>Which is a fruit?</p>
        <Choice>Granite</Choice>
        <Why>Granite is a rock.</Why>
        <Choice correct>Pear</Choice>
        <Why>Pears grow on trees.</Why>
      </Question>
      <Question id="second">
        <p>Which is a number?</p>
        <Choice correct>Four</Choice>
        <Why>Four counts.</Why>
        <Choice>Blue</Choice>
        <Why>Blue is a colour.</Why>
      </Question>
    </Quiz>
  );
}

const group = (name: string) => screen.getByRole('radiogroup', {name});

function answer(question: string, choice: string): HTMLElement {
  const item = group(question).closest('li');
  if (item === null) throw new Error('no list item');
  fireEvent.click(within(item).getByRole('radio', {name: new RegExp(choice)}));
  fireEvent.click(within(item).getByRole('button', {name: 'Check'}));
  return item;
}

beforeEach(() => window.localStorage.clear());
afterEach(cleanup);

test('without script: choices and every explanation are in the HTML, and no control that would do nothing', () => {
  const html = renderToStaticMarkup(<Sample />);
  for (const text of ['Granite', 'Pear', 'Granite is a rock.', 'Pears grow on trees.', 'Four counts.', 'B: right']) {
    expect(html).toContain(text);
  }
  expect(html).toContain('<details');
  expect(html).not.toMatch(/<input|<button|role="radiogroup"/);
});

test('each question is a group of radio buttons named by the question, with an anchor', () => {
  const {container} = render(<Sample />);
  expect(within(group('Which is a fruit?')).getAllByRole('radio')).toHaveLength(2);
  expect(container.querySelector('li#second')).toBeTruthy();
  expect(screen.getByText('Question 1 of 2')).toBeTruthy();
});

test('a right answer is told, and all explanations unfold', () => {
  render(<Sample />);
  const item = answer('Which is a fruit?', 'Pear');
  expect(within(item).getByRole('status').textContent).toBe('B is right.');
  expect(item.querySelector('details')?.open).toBe(true);
  expect(screen.getByText('1 of 2 answered, 1 right.')).toBeTruthy();
});

test('a wrong answer is told with the right one', () => {
  render(<Sample />);
  const item = answer('Which is a fruit?', 'Granite');
  expect(within(item).getByRole('status').textContent).toBe('A is not it: the answer is B.');
  expect(screen.getByText('1 of 2 answered, 0 right.')).toBeTruthy();
});

test('checking without a choice asks for one and goes to the choices', () => {
  render(<Sample />);
  fireEvent.click(screen.getAllByRole('button', {name: 'Check'})[0]!);
  expect(screen.getAllByRole('status')[0]?.textContent).toBe('Choose an answer first.');
  expect(document.activeElement).toBe(within(group('Which is a fruit?')).getAllByRole('radio')[0]);
  expect(screen.queryByText(/of 2 answered/)).toBeNull();
});

test('an answer can be changed and checked again', () => {
  render(<Sample />);
  answer('Which is a fruit?', 'Granite');
  const item = answer('Which is a fruit?', 'Pear');
  expect(within(item).getByRole('status').textContent).toBe('B is right.');
  expect(screen.getByText('1 of 2 answered, 1 right.')).toBeTruthy();
});

test('answers are remembered on the next visit, shown but not announced', () => {
  render(<Sample />);
  answer('Which is a number?', 'Blue');
  cleanup();
  render(<Sample />);
  expect(within(group('Which is a number?')).getByRole<HTMLInputElement>('radio', {name: /Blue/}).checked).toBe(true);
  expect(screen.getByText('B is not it: the answer is A.')).toBeTruthy();
  for (const status of screen.getAllByRole('status')) expect(status.textContent).toBe('');
});

test('starting again forgets the answers', () => {
  render(<Sample />);
  answer('Which is a fruit?', 'Pear');
  fireEvent.click(screen.getByRole('button', {name: 'Start again'}));
  expect(screen.queryByText(/of 2 answered/)).toBeNull();
  for (const radio of screen.getAllByRole<HTMLInputElement>('radio')) expect(radio.checked).toBe(false);
  expect(window.localStorage).toHaveLength(0);
});

test('stored answers that no longer fit the quiz are passed over', () => {
  window.localStorage.setItem('ss:quiz:sample', JSON.stringify({first: 9, gone: 1}));
  render(<Sample />);
  for (const radio of screen.getAllByRole<HTMLInputElement>('radio')) expect(radio.checked).toBe(false);
  expect(screen.queryByText(/of 2 answered/)).toBeNull();
  cleanup();
  window.localStorage.setItem('ss:quiz:sample', '"a string"');
  render(<Sample />);
  expect(screen.queryByText(/of 2 answered/)).toBeNull();
});

test('a question written wrongly fails the build and says which', () => {
  const noRight = (
    <Quiz id="q">
      <Question id="bad">
        <p>?</p>
        <Choice>a</Choice>
        <Why>a</Why>
        <Choice>b</Choice>
        <Why>b</Why>
      </Question>
    </Quiz>
  );
  expect(() => renderToStaticMarkup(noRight)).toThrow('Question "bad" must have exactly one Choice marked correct');
  const noWhy = (
    <Quiz id="q">
      <Question id="bare">
        <p>?</p>
        <Choice correct>a</Choice>
        <Choice>b</Choice>
        <Why>b</Why>
      </Question>
    </Quiz>
  );
  expect(() => renderToStaticMarkup(noWhy)).toThrow('2 choices and 1 explanations');
  expect(() =>
    renderToStaticMarkup(
      <Question id="alone">
        <Choice correct>a</Choice>
      </Question>,
    ),
  ).toThrow('outside a Quiz');
});

test('two questions with one id fail the build', () => {
  const one = (
    <Question id="same">
      <Choice correct>a</Choice>
      <Why>a</Why>
      <Choice>b</Choice>
      <Why>b</Why>
    </Question>
  );
  expect(() =>
    renderToStaticMarkup(
      <Quiz id="q">
        {one}
        {one}
      </Quiz>,
    ),
  ).toThrow('two questions have the id "same"');
});

test('the build knows that links may lead to each question', () => {
  anchors.length = 0;
  renderToStaticMarkup(<Sample />);
  expect(anchors).toEqual(['first', 'second']);
});
