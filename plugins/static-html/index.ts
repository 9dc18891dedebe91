import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';

/**
 * Gives `#static-html` its two faces: on the server it reads a fragment from the static folders, in the page it
 * knows none, so that no fragment is shipped a second time as script (see `src/components/StaticHtml`).
 */
export default function staticHtml(context: LoadContext): Plugin {
  return {
    name: 'static-html',
    configureWebpack: (_config, isServer) => ({
      resolve: {
        alias: {
          '#static-html': path.join(context.siteDir, 'plugins/static-html', isServer ? 'fragment.server.ts' : 'fragment.client.ts'),
        },
      },
    }),
    getPathsToWatch: () => [path.join(context.siteDir, '.derived/**/*.{html,svg}')],
  };
}
