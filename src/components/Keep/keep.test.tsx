// @vitest-environment jsdom
import {cleanup, render, screen} from '@testing-library/react';
import {afterEach, expect, it} from 'vitest';
import Keep from './index.tsx';

afterEach(cleanup);

it('is a region named by its title', () => {
  render(
    <Keep title="Namespaces on one page">
      <p>Numbers are not isolation.</p>
    </Keep>,
  );
  expect(screen.getByRole('region', {name: 'Namespaces on one page'}).textContent).toContain('Numbers are not isolation.');
});
