import {defineConfig} from 'vitest/config';

/** Tests that start machines; `npm test` runs them, or `npx vitest run --config vitest.vm.config.mts FILE` for one. */
export default defineConfig({
  test: {
    include: ['vm/tests/**/*.test.ts', 'tools/record/tests/**/*.test.ts'],
    // A start of three seconds may take many where two processors serve everything at once.
    testTimeout: 180_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
