/**
 * Loader that runs before a document is compiled and changes nothing: it tells the bundler that a document with diagrams
 * depends on what drawings there are.
 *
 * @type {import('@rspack/core').LoaderDefinition<{folders: string[]}>}
 */
module.exports = function watchDiagrams(source) {
  if (/(?:```|~~~)\s*mermaid/.test(source)) for (const folder of this.getOptions().folders) this.addContextDependency(folder);
  return source;
};
