/**
 * Loader that runs before a document is compiled and changes nothing: it tells the bundler which source files the
 * document's listings are cut from, so that a change of one compiles the document again, in `npm start` and against
 * the cache of an earlier build.
 *
 * @type {import('@rspack/core').LoaderDefinition<{siteDir: string}>}
 */
module.exports = function watchListings(source) {
  const {resolve} = require('node:path');
  const {siteDir} = this.getOptions();
  for (const [, file] of source.matchAll(/^.*(?:```|~~~).*\sfile="?([^\s"]+)/gm)) this.addDependency(resolve(siteDir, file));
  return source;
};
