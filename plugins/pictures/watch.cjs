/**
 * Loader that runs before a document is compiled and changes nothing: it tells the bundler which experiments and figures
 * the document's pictures are made of, so that a change of one compiles the document again.
 *
 * @type {import('@rspack/core').LoaderDefinition<{experiments: string; figures: string}>}
 */
module.exports = function watchPictures(source) {
  const {join} = require('node:path');
  const {experiments, figures} = this.getOptions();
  for (const [, name] of source.matchAll(/<(?:Matrix|Rulers)\b[^>]*\bof="([a-z0-9-]+)"/g))
    this.addDependency(join(experiments, `${name}.json`));
  // A figure takes its numbers from experiments that only its drawing names.
  if (/<Figure\b/.test(source)) {
    this.addContextDependency(figures);
    this.addContextDependency(experiments);
  }
  return source;
};
