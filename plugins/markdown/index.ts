import path from 'node:path';
import logger from '@docusaurus/logger';
import type {LoadContext, Plugin} from '@docusaurus/types';
import {documentFolders} from './documents.ts';
import {checkPages} from './pages.ts';
import {format} from './problems.ts';

/**
 * Says what is wrong with the pages before Docusaurus compiles them: each mistake once, with file, line and remedy.
 * `npm start` goes on, since an author is in the middle of writing, and looks again at each change. A build ends here:
 * an error that is thrown would come wrapped in Docusaurus's own and with the stacks of both.
 */
export default function pages({siteDir}: LoadContext): Plugin {
  return {
    name: 'pages',
    async loadContent() {
      const problems = await checkPages(siteDir);
      if (problems.length === 0) return;
      if (process.env.NODE_ENV !== 'production') {
        logger.error(`These pages have mistakes:\n${format(problems)}`);
        return;
      }
      process.stderr.write(`\n${format(problems)}\n\nThe site was not built: mend the lines above.\n`, () => process.exit(1));
      // Nothing else is to be said until the process has ended.
      await new Promise(() => undefined);
    },
    getPathsToWatch: () => [
      ...documentFolders.map((folder) => path.join(siteDir, folder, '**/*.{md,mdx,yml}')),
      path.join(siteDir, 'static/**/*'),
    ],
  };
}
