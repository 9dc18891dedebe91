import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';
import {renders} from './segments.ts';

/**
 * Gives `#static-html` and `#static-segment` their two faces: on the server they have what they show, in the page they
 * have none of it, so that no markup is shipped a second time as script (see `src/components/StaticHtml` and
 * `segments.ts`).
 */
export default function staticHtml(context: LoadContext): Plugin {
  const folder = path.join(context.siteDir, 'plugins/static-html');
  return {
    name: 'static-html',
    configureWebpack: (_config, isServer, {currentBundler}) => ({
      resolve: {
        alias: {
          '#static-html': path.join(folder, isServer ? 'fragment.server.ts' : 'fragment.client.ts'),
          '#static-segment': path.join(folder, isServer ? 'segment.server.tsx' : 'segment.client.tsx'),
        },
      },
      plugins: [new currentBundler.instance.DefinePlugin({[renders]: JSON.stringify(isServer)})],
    }),
    configurePostCss: (options) => ({...options, plugins: [...options.plugins, throughSegments]}),
    getPathsToWatch: () => [path.join(context.siteDir, '.derived/**/*.{html,svg}')],
  };
}

/** Has every rule for the children of `.markdown` hold for those that are in a segment (`.ss-static`), too. */
const throughSegments = {
  postcssPlugin: 'through-segments',
  Rule(rule: {selector: string}): void {
    if (/\.markdown\s*>/.test(rule.selector)) rule.selector = rule.selector.replace(/\.markdown\s*>/g, ':is(.markdown,.ss-static)>');
  },
};
