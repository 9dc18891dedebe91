// @vitest-environment jsdom
import {cleanup, render, screen, within} from '@testing-library/react';
import {afterEach, expect, test} from 'vitest';
import Goals from './index.tsx';

afterEach(cleanup);

test('the questions stand in a region named by what they are', () => {
  render(
    <Goals>
      <ul>
        <li>What does each flag hide?</li>
      </ul>
    </Goals>,
  );
  const region = screen.getByRole('region', {name: 'After this chapter you can answer'});
  expect(within(region).getByRole('listitem').textContent).toBe('What does each flag hide?');
});
