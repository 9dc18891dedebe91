import path from 'node:path';
import {documentFolders} from './documents.ts';

/**
 * The bundler's rule by which the loader `watch.cjs` of a plugin sees every document before it is compiled, to say which
 * files the document depends on.
 *
 * @param plugin folder of the plugin, below `plugins/`
 * @param options what the loader gets
 */
export const watchDocuments = (siteDir: string, plugin: string, options: object) => ({
  test: /\.mdx?$/i,
  include: documentFolders.map((folder) => path.join(siteDir, folder, path.sep)),
  enforce: 'pre' as const,
  use: [{loader: path.join(siteDir, 'plugins', plugin, 'watch.cjs'), options}],
});
