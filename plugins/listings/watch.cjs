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
  for (const [fence, file] of source.matchAll(/^.*(?:```|~~~).*\sfile="?([^\s"]+).*$/gm)) {
    this.addDependency(resolve(siteDir, file));
    const [, stage] = /\sdiff-against="?([^\s"]+)/.exec(fence) ?? [];
    // Of the stage before, the same file: of code/steps/01-namespaces/3-mount/main.go, that in 2-pid.
    if (stage) this.addDependency(resolve(siteDir, file.replace(/^((?:.+\/)?steps\/[^/]+\/)[^/]+/, `$1${stage}`)));
  }
  return source;
};
