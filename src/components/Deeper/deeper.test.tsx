// @vitest-environment jsdom
import {cleanup, render, screen} from '@testing-library/react';
import {afterEach, expect, test} from 'vitest';
import Deeper from './index.tsx';

afterEach(cleanup);

test('the detail is folded, named by its title, and in the page', () => {
  render(
    <Deeper title="what the name means">
      <p>Its history.</p>
    </Deeper>,
  );
  const details = screen.getByText('Its history.').closest('details');
  expect(details?.open).toBe(false);
  expect(details?.querySelector('summary')?.textContent).toBe('Deeper: what the name means');
});
