import type {TestProject} from 'vitest/node';
import {serve} from '../tools/site/serve.ts';
import {baseUrl, buildFolder} from '../tools/site/pages.ts';

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- this adds to vitest's interface
  export interface ProvidedContext {
    /** Address of the served build, with its base path, ending in `/`. */
    site: string;
    /** The same, from a server that sends pages in pieces. */
    slowSite: string;
  }
}

/** Serves the build for as long as the tests run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const served = await serve(buildFolder, {baseUrl});
  const slow = await serve(buildFolder, {baseUrl, pieces: 12});
  project.provide('site', served.url);
  project.provide('slowSite', slow.url);
  return async () => {
    await Promise.all([served.close(), slow.close()]);
  };
}
