import {defineConfig} from 'vitest/config';

/** Tests of the built site; `npm run e2e` runs them, or `npx vitest run --config vitest.e2e.config.mts FILE` for one. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    globalSetup: ['e2e/serve.ts'],
    // A page that a phone shows in a second may take many here, with two tests and their browsers on a slow machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
