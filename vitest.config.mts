import path from 'node:path';
import {defineConfig} from 'vitest/config';

export default defineConfig({
  // tsconfig says `preserve`, for Docusaurus; Node needs JSX compiled.
  oxc: {jsx: {runtime: 'automatic'}},
  resolve: {
    alias: {
      '@site': import.meta.dirname,
      '#static-html': path.join(import.meta.dirname, 'plugins/static-html/fragment.server.ts'),
    },
  },
  test: {
    include: ['{src,plugins,tools,recordings,vm}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/build/**'],
  },
});
