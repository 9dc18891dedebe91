import path from 'node:path';
import {defineConfig} from 'vitest/config';

export default defineConfig({
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
