// @vitest-environment jsdom
import {cleanup, render, screen} from '@testing-library/react';
import {afterEach, expect, it} from 'vitest';
import Proof from './index.tsx';

afterEach(cleanup);

it('is folded, named by the experiment, and says where and when that ran', () => {
  render(
    <Proof of="01-1-name" title="A name of its own" kernel="6.1.0" date="2026-06-01">
      <pre>hostname</pre>
    </Proof>,
  );
  const details = screen.getByText('hostname').closest('details');
  expect(details?.open).toBe(false);
  expect(details?.querySelector('summary')?.textContent).toBe('Proof: A name of its own');
  expect(details?.querySelector('p')?.textContent).toBe('Run on Linux 6.1.0, 1 June 2026.');
  expect(details?.querySelector('time')?.dateTime).toBe('2026-06-01');
});
