/**
 * Loader that runs before a document is compiled and changes nothing: it tells the bundler which recordings the document
 * plays, so that a change of one compiles the document again, in `npm start` and against the cache of an earlier build.
 *
 * @type {import('@rspack/core').LoaderDefinition<{folder: string}>}
 */
module.exports = function watchRecordings(source) {
  const {join} = require('node:path');
  const {folder} = this.getOptions();
  for (const [, name] of source.matchAll(/<Replay\b[^>]*?\ssrc="([a-z0-9-]+)"/g)) this.addDependency(join(folder, `${name}.cast`));
  return source;
};
