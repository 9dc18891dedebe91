// @vitest-environment jsdom
import {cleanup, render, screen} from '@testing-library/react';
import {afterEach, expect, test} from 'vitest';
import Exercise, {Hint, Solution} from './index.tsx';

afterEach(cleanup);

test('the task and what it needs are shown, the solution is folded but in the page', () => {
  render(
    <Exercise needs="Linux, root" minutes={10}>
      <h3 id="exercise-look">Look</h3>
      <Solution>
        <p>There.</p>
      </Solution>
    </Exercise>,
  );
  expect(screen.getByText('Needs: Linux, root. About 10 minutes.')).toBeTruthy();
  const details = screen.getByText('There.').closest('details');
  expect(details?.open).toBe(false);
  expect(details?.querySelector('summary')?.textContent).toBe('Solution');
});

test('one minute is singular', () => {
  render(
    <Exercise needs="Linux" minutes={1}>
      <p>Task</p>
    </Exercise>,
  );
  expect(screen.getByText('Needs: Linux. About 1 minute.')).toBeTruthy();
});

test.each([
  ['01-2-leak', 'npm run exercise -- 01-2'],
  ['01-last', 'npm run exercise -- 01-last'],
])('an exercise with the check %s says how to make it', (check, command) => {
  render(
    <Exercise needs="Linux" minutes={1} check={check}>
      <p>Task</p>
    </Exercise>,
  );
  expect(screen.getByText(command).tagName).toBe('CODE');
});

test('without a check nothing is said of one', () => {
  render(
    <Exercise needs="Linux" minutes={1}>
      <p>Task</p>
    </Exercise>,
  );
  expect(screen.queryByText(/npm run exercise/)).toBeNull();
});

test('a hint is folded, too', () => {
  render(
    <Hint>
      <p>Look there.</p>
    </Hint>,
  );
  const details = screen.getByText('Look there.').closest('details');
  expect(details?.open).toBe(false);
  expect(details?.querySelector('summary')?.textContent).toBe('Hint');
});
