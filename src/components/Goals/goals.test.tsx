// @vitest-environment jsdom
import {cleanup, render, screen, within} from '@testing-library/react';
import {afterEach, expect, test} from 'vitest';
import Goals from './index.tsx';

afterEach(cleanup);

test('the abilities stand in a region named by what they are', () => {
  render(
    <Goals>
      <ul>
        <li>say what each flag hides</li>
      </ul>
    </Goals>,
  );
  const region = screen.getByRole('region', {name: 'After this chapter you can'});
  expect(within(region).getByRole('listitem').textContent).toBe('say what each flag hides');
});
