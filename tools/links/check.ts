/** What came of asking for an address. */
export type Answer = {url: string; state: 'there' | 'gone' | 'unsure'; why: string};

/** How an address is asked for; tests pass their own. @throws when no answer comes */
export type Ask = (url: string) => Promise<{status: number}>;

/** Refusals that say nothing about the page: a site keeps programs out, or has been asked too often. */
const refusals = new Set([401, 403, 405, 406, 429, 999]);

/**
 * Reports whether there is a page at an address. A site that does not answer, or answers with an error of its own
 * (5xx), is asked again, as that may pass.
 *
 * @param pause milliseconds before the second try; twice as long before each further one
 */
export async function checkAddress(url: string, ask: Ask, {tries = 3, pause = 2000} = {}): Promise<Answer> {
  let why = '';
  for (let attempt = 0; attempt < tries; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, pause * 2 ** (attempt - 1)));
    try {
      const {status} = await ask(url);
      why = String(status);
      if (status < 400) return {url, state: 'there', why};
      if (refusals.has(status)) return {url, state: 'unsure', why: `${status}: the site keeps programs out`};
      if (status < 500) return {url, state: 'gone', why};
    } catch (error) {
      const {message, cause} = error as Error;
      why = cause instanceof Error ? cause.message : message;
    }
  }
  return {url, state: 'gone', why: `${why}, ${tries} times`};
}

/** Checks addresses, a few at a time. */
export async function checkAll(
  urls: readonly string[],
  ask: Ask,
  options: {tries?: number; pause?: number; atOnce?: number} = {},
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const waiting = [...urls];
  const work = async (): Promise<void> => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) answers.push(await checkAddress(url, ask, options));
  };
  await Promise.all(Array.from({length: options.atOnce ?? 6}, work));
  return answers;
}
