// @vitest-environment jsdom
import {cleanup, render, screen} from '@testing-library/react';
import {afterEach, expect, it} from 'vitest';
import FirstVersion from './index.tsx';

afterEach(cleanup);

it('is a note named by what the version did', () => {
  render(
    <FirstVersion title="the mount that reached the host">
      <p>It covered it.</p>
    </FirstVersion>,
  );
  const note = screen.getByRole('note', {name: 'A first version: the mount that reached the host'});
  expect(note.textContent).toContain('It covered it.');
});
