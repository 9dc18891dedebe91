import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';
import {documentFolders} from '../markdown/documents.ts';

export {remarkProofs} from './proof.ts';
export {remarkRecall} from './recall.ts';
export {remarkStages} from './stage.ts';
export {remarkUnclear} from './unclear.ts';

/** Compiles a document again when a chapter that it recalls changes, or when a stage comes or goes. */
export default function teaching({siteDir}: LoadContext): Plugin {
  return {
    name: 'teaching',
    configureWebpack: () => ({
      module: {
        rules: [
          {
            test: /\.mdx?$/i,
            include: documentFolders.map((folder) => path.join(siteDir, folder, path.sep)),
            enforce: 'pre',
            use: [{loader: path.join(siteDir, 'plugins/teaching/watch.cjs'), options: {siteDir}}],
          },
        ],
      },
    }),
  };
}
