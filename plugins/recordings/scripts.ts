import path from 'node:path';
import logger from '@docusaurus/logger';
import type {LoadContext, Plugin} from '@docusaurus/types';
import {runPackage} from '../../host/run.ts';

/**
 * Says while an author writes which scripts have changed since they were recorded. A program of its own looks, as one
 * that goes on for hours would read each script only once. A build does not ask: `npm test` does, by the same program.
 */
export default function scripts({siteDir}: LoadContext): Plugin {
  return {
    name: 'recording-scripts',
    async loadContent() {
      if (process.env.NODE_ENV === 'production') return;
      const {output} = await runPackage('tsx', ['tools/lint/recordings.ts'], {cwd: siteDir});
      if (output.trim() !== '') logger.warn(output.trim());
    },
    getPathsToWatch: () => ['sessions/recordings/*.ts', 'static/recordings/*.cast'].map((files) => path.join(siteDir, files)),
  };
}
