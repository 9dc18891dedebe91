import path from 'node:path';
import {defineConfig} from 'vitest/config';

/**
 * The kinds of test. `npm test` runs them all; `npx vitest run --project NAME [FILE]` runs those of one kind, or of
 * one file. Time is measured in benches: here a limit only ends what hangs, on the slowest machine too.
 */
export default defineConfig({
  // tsconfig says `preserve`, for Docusaurus; Node needs JSX compiled.
  oxc: {jsx: {runtime: 'automatic'}},
  resolve: {
    alias: [
      {find: '@site', replacement: import.meta.dirname},
      {find: '#static-html', replacement: path.join(import.meta.dirname, 'plugins/static-html/fragment.server.ts')},
      // The modules that Docusaurus gives pages, such as `@docusaurus/Link`: its bundler knows them, Node does not.
      {
        find: /^@docusaurus\/((?:use)?[A-Z]\w+)$/,
        replacement: path.join(import.meta.dirname, 'node_modules/@docusaurus/core/lib/client/exports/$1.js'),
      },
    ],
  },
  test: {
    // Vitest's own limit is a second, which a page may take on a slow machine.
    expect: {poll: {timeout: 60_000}},
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{src,plugins,tools,host,sessions,vm}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', '**/build/**', 'vm/tests/**', 'tools/{record,exercise}/tests/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Tests of the built site, which has to be there: `npm run e2e` builds it when it is not.
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/*.test.ts'],
          globalSetup: ['e2e/serve.ts'],
          // A page that a phone shows in a second may take many here, with two tests and their browsers on a slow machine.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: {groupOrder: 1},
        },
      },
      {
        // Tests of the built site in other browsers than Chromium: `npm run engines`, every night.
        extends: true,
        test: {
          name: 'engines',
          include: ['e2e/engines/*.test.ts'],
          globalSetup: ['e2e/serve.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: {groupOrder: 3},
        },
      },
      {
        // Tests that start virtual machines.
        extends: true,
        test: {
          name: 'vm',
          include: ['{vm,tools/record,tools/exercise}/tests/**/*.test.ts'],
          // A start of three seconds may take many where two processors serve everything at once.
          testTimeout: 180_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: {groupOrder: 2},
        },
      },
    ],
  },
});
