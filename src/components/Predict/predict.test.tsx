// @vitest-environment jsdom
import {cleanup, fireEvent, render, screen} from '@testing-library/react';
import {renderToStaticMarkup} from 'react-dom/server';
import {afterEach, describe, expect, it, vi} from 'vitest';
import '../../reader/predict.ts';
import {Choice} from '../Choice/index.tsx';
import Predict, {Answer} from './index.tsx';

const collectAnchor = vi.hoisted(() => vi.fn());
vi.mock('@docusaurus/useBrokenLinks', () => ({default: () => ({collectAnchor})}));

const sample = (
  <Predict id="predict-ps">
    <p>Which processes does it list?</p>
    <Choice>One</Choice>
    <Choice correct>All</Choice>
    <Choice>None</Choice>
    <Answer>
      <p>All of them.</p>
    </Answer>
  </Predict>
);

afterEach(cleanup);

const radio = (name: string): HTMLInputElement => screen.getByRole('radio', {name});
const answer = (): HTMLDetailsElement | null => screen.getByText('All of them.').closest('details');

it('is in the HTML with question, choices and answer, in this order', () => {
  const html = renderToStaticMarkup(sample);
  const places = ['id="predict-ps"', 'Which processes', 'One', 'All', 'None', 'Show me', 'All of them.'].map((text) => html.indexOf(text));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(collectAnchor).toHaveBeenCalledWith('predict-ps');
});

it('is a group of radio buttons named by the question, and a folded answer', () => {
  render(sample);
  expect(screen.getByRole('group', {name: 'Which processes does it list?'}).querySelectorAll('input')).toHaveLength(3);
  expect(answer()?.open).toBe(false);
  expect(answer()?.querySelector('summary')?.textContent).toBe('Show me');
});

it.each([
  ['One', 'That is not what happens.'],
  ['All', 'That is what happens.'],
])('unfolds the answer when %s is chosen, and reports whether it is right', (name, told) => {
  render(sample);
  fireEvent.click(radio(name));
  expect(answer()?.open).toBe(true);
  expect(screen.getByRole('status').textContent).toBe(told);
});

it('lets the arrow keys go through the choices without choosing one', () => {
  render(sample);
  radio('One').focus();
  expect(fireEvent.keyDown(radio('One'), {key: 'ArrowDown'})).toBe(false);
  expect(document.activeElement).toBe(radio('All'));
  fireEvent.keyDown(radio('All'), {key: 'ArrowUp'});
  fireEvent.keyDown(radio('One'), {key: 'ArrowLeft'});
  expect(document.activeElement).toBe(radio('None'));
  expect(screen.getAllByRole<HTMLInputElement>('radio').filter(({checked}) => checked)).toEqual([]);
  expect(answer()?.open).toBe(false);
  // Other keys stay the browser's, and so do other radio buttons.
  expect(fireEvent.keyDown(radio('None'), {key: 'Tab'})).toBe(true);
  expect(fireEvent.keyDown(document.body, {key: 'ArrowDown'})).toBe(true);
});

describe('written wrongly it fails the build and says which', () => {
  const choices = (count: number, right: number) =>
    Array.from({length: count}, (_, index) => (
      <Choice key={index} correct={index === right}>
        {index}
      </Choice>
    ));
  it.each([
    ['too few choices', [...choices(1, 0), <Answer key="a">a</Answer>], 'Predict "p" has 1 choices; give it two to four'],
    ['too many', [...choices(5, 0), <Answer key="a">a</Answer>], 'Predict "p" has 5 choices'],
    ['none of them right', [...choices(2, -1), <Answer key="a">a</Answer>], 'Predict "p" has no Choice marked correct'],
    ['no answer', choices(2, 0), 'Predict "p" has 0 answers'],
  ])('%s', (_, children, problem) => {
    expect(() => renderToStaticMarkup(<Predict id="p">{children}</Predict>)).toThrow(problem);
  });
});
