// @vitest-environment jsdom
import {cleanup, render, screen} from '@testing-library/react';
import {afterEach, expect, it} from 'vitest';
import Stage, {IfNot, Seen} from './index.tsx';

afterEach(cleanup);

it('says above its heading which stage it is, and leads to its folder', () => {
  const {container} = render(
    <Stage of="01-namespaces/2-pid" number="2" total="5" label="2-pid/main.go" href="https://forge.example/tree/main/code">
      <h3 id="stage-pid">Process 1</h3>
    </Stage>,
  );
  expect(container.textContent).toBe('Stage 2 of 5 · 2-pid/main.goProcess 1');
  expect(screen.getByRole('link', {name: '2-pid/main.go'}).getAttribute('href')).toBe('https://forge.example/tree/main/code');
});

it('has a checkpoint whose two halves are named', () => {
  const {container} = render(
    <>
      <Seen>The number 1.</Seen>
      <IfNot>
        <p>You asked the old shell.</p>
      </IfNot>
    </>,
  );
  expect([...container.children].map((half) => half.textContent)).toEqual([
    'You should see: The number 1.',
    'If not: You asked the old shell.',
  ]);
});
