/** Something to be made: its name, and the name of what has to be made before it, when that is made at all. */
export type Job = {name: string; after?: string};

/**
 * Makes jobs in lanes beside each other. The first lane takes the first that is left each time, the others take the
 * last: a list that begins with what is quick and ends with what is slow shows mistakes early and keeps all lanes busy.
 * A job waits for the one that it comes after.
 *
 * @returns what came of each, in the order of the list
 */
export async function inLanes<J extends Job, R>(jobs: readonly J[], lanes: number, make: (job: J) => Promise<R>): Promise<R[]> {
  const left = [...jobs];
  const results = new Map<J, R>();
  const done = new Set<string>();
  let wake: (() => void)[] = [];
  const ready = ({after}: J): boolean => after === undefined || done.has(after) || !jobs.some(({name}) => name === after);
  const lane = async (first: boolean): Promise<void> => {
    while (left.length > 0) {
      const job = first ? left.find(ready) : left.findLast(ready);
      if (!job) {
        await new Promise<void>((resolve) => wake.push(resolve));
        continue;
      }
      left.splice(left.indexOf(job), 1);
      try {
        results.set(job, await make(job));
      } finally {
        done.add(job.name);
        const sleepers = wake;
        wake = [];
        sleepers.forEach((resolve) => resolve());
      }
    }
  };
  await Promise.all(Array.from({length: Math.max(1, lanes)}, (_, index) => lane(index === 0)));
  return jobs.map((job) => results.get(job) as R);
}
