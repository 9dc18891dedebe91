/**
 * Loader that runs before a document is compiled and changes nothing: it tells the bundler which experiments the document
 * shows, so that a change of one compiles the document again.
 *
 * @type {import('@rspack/core').LoaderDefinition<{folder: string}>}
 */
module.exports = function watchExperiments(source) {
  const {join} = require('node:path');
  const {folder} = this.getOptions();
  for (const [, name] of source.matchAll(/(?:(?:```|~~~)console\b.*|<Proof\b[^>]*)\sof="?([a-z0-9-]+)/g))
    this.addDependency(join(folder, `${name}.json`));
  return source;
};
