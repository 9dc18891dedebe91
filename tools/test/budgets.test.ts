import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import {setUpMinutes, stageMinutes, totalMinutes} from '../../budgets.ts';
import {readOptions} from './main.ts';

const names = readOptions([]).stages.map(({name}) => name);

/** The first limit of a workflow. */
function limit(workflow: string): number {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../.github/workflows', workflow), 'utf8');
  return Number(/^ {4}timeout-minutes: (\d+)$/m.exec(text)?.[1]);
}

it('there are minutes for each stage, and for no other', () => {
  expect(Object.keys(stageMinutes).sort()).toEqual([...names].sort());
});

it('the minutes of the stages fit into those of the whole, two at a time', () => {
  const sum = Object.values(stageMinutes).reduce((total, minutes) => total + minutes, 0);
  expect(Math.max(sum / 2, ...Object.values(stageMinutes))).toBeLessThanOrEqual(totalMinutes);
});

it.each([
  ['ci.yml', totalMinutes],
  ['nightly.yml', totalMinutes],
  ['pages.yml', stageMinutes.build ?? 0],
])('the limit of %s follows from the budgets', (workflow, minutes) => {
  expect(limit(workflow)).toBe(minutes + setUpMinutes);
});
