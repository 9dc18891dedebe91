import path from 'node:path';
import {defineConfig} from 'vitest/config';

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
    include: ['{src,plugins,tools,host,sessions,vm}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/build/**', 'vm/tests/**', 'tools/record/tests/**'],
    // Time is measured in benches. Here it only ends what hangs, on the slowest machine too.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
