import {readFile} from 'node:fs/promises';
import path from 'node:path';
import logger from '@docusaurus/logger';
import type {LoadContext, Plugin} from '@docusaurus/types';
import {documentFolders} from './documents.ts';
import {exercisesFolder} from './exercises.ts';
import {checkPages} from './pages.ts';
import {format} from './problems.ts';

/** The list of chapters, from which sidebars.ts makes the sidebar. Docusaurus reads that file again, but not what it imports. */
const seriesFile = 'src/data/series.ts';

/**
 * Says what is wrong with the pages before Docusaurus compiles them: each mistake once, with file, line and remedy.
 * `npm start` goes on, since an author is in the middle of writing, and looks again at each change. A build ends here:
 * an error that is thrown would come wrapped in Docusaurus's own and with the stacks of both.
 */
export default function pages({siteDir}: LoadContext): Plugin {
  const series = path.join(siteDir, seriesFile);
  let known: string | undefined;
  let said = '';
  return {
    name: 'pages',
    async loadContent() {
      const now = await readFile(series, 'utf8');
      known ??= now;
      if (now !== known) {
        known = now;
        logger.warn(`${seriesFile}: the sidebar is made of it when npm start begins; stop it and start it again to see the change there`);
      }
      const problems = await checkPages(siteDir);
      // One change of a file may have it looked at twice.
      const text = format(problems);
      if (text === said) return;
      said = text;
      if (text === '') return;
      if (process.env.NODE_ENV !== 'production') {
        logger.error(`These pages have mistakes:\n${text}`);
        return;
      }
      process.stderr.write(`\n${text}\n\nThe site was not built: mend the lines above.\n`, () => process.exit(1));
      // Nothing else is to be said until the process has ended.
      await new Promise(() => undefined);
    },
    getPathsToWatch: () => [
      ...documentFolders.map((folder) => path.join(siteDir, folder, '**/*.{md,mdx,yml}')),
      path.join(siteDir, 'static/**/*'),
      path.join(siteDir, exercisesFolder, '*.ts'),
      series,
    ],
  };
}
