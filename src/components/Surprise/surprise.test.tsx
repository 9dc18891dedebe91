// @vitest-environment jsdom
import {cleanup, render, screen} from '@testing-library/react';
import {afterEach, expect, test} from 'vitest';
import Surprise, {Expect, Get} from './index.tsx';

afterEach(cleanup);

test('prediction and fact are each the definition of their term', () => {
  render(
    <Surprise>
      <Expect>One process.</Expect>
      <Get>All of them.</Get>
    </Surprise>,
  );
  expect(screen.getAllByRole('term').map((term) => term.textContent)).toEqual(['You expect', 'You get']);
  expect(screen.getAllByRole('definition').map((definition) => definition.textContent)).toEqual(['One process.', 'All of them.']);
});
