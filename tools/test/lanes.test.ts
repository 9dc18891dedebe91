import {expect, it} from 'vitest';
import {inLanes} from './lanes.ts';

/** Makes jobs that each take some turns of the event loop, and notes when each began and ended. */
async function play(jobs: readonly {name: string; after?: string; turns: number}[], lanes: number): Promise<string[]> {
  const events: string[] = [];
  await inLanes(jobs, lanes, async ({name, turns}) => {
    events.push(`${name} begins`);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
    events.push(`${name} ends`);
  });
  return events;
}

it('makes the first and the last beside each other, and the rest where a lane is free', async () => {
  const jobs = [
    {name: 'quick', turns: 1},
    {name: 'middle', turns: 1},
    {name: 'slow', turns: 4},
  ];
  expect(await play(jobs, 2)).toEqual(['quick begins', 'slow begins', 'quick ends', 'middle begins', 'middle ends', 'slow ends']);
});

it('makes one at a time in one lane, in order', async () => {
  const jobs = [
    {name: 'a', turns: 1},
    {name: 'b', turns: 1},
  ];
  expect(await play(jobs, 1)).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

it('waits for what a job comes after, unless that is not made', async () => {
  const jobs = [
    {name: 'build', turns: 3},
    {name: 'e2e', after: 'build', turns: 1},
    {name: 'go', after: 'absent', turns: 1},
  ];
  expect(await play(jobs, 2)).toEqual(['build begins', 'go begins', 'go ends', 'build ends', 'e2e begins', 'e2e ends']);
});

it('returns results in the order of the jobs', async () => {
  const jobs = [{name: 'a'}, {name: 'b'}, {name: 'c'}];
  expect(await inLanes(jobs, 2, ({name}) => Promise.resolve(name.toUpperCase()))).toEqual(['A', 'B', 'C']);
});
