import type {LoadContext, Plugin} from '@docusaurus/types';
import {watchDocuments} from '../markdown/watch.ts';

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
        rules: [watchDocuments(siteDir, 'teaching', {siteDir})],
      },
    }),
  };
}
