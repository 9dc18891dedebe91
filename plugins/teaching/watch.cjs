/**
 * Loader that runs before a document is compiled and changes nothing: it tells the bundler which chapters the document's
 * `<Recall>`s take questions from, and which folders its `<Stage>`s are counted in, so that a change there compiles the
 * document again.
 *
 * @type {import('@rspack/core').LoaderDefinition<{siteDir: string}>}
 */
module.exports = function watchTeaching(source) {
  const {readdirSync} = require('node:fs');
  const {join} = require('node:path');
  const {siteDir} = this.getOptions();
  for (const [, of] of source.matchAll(/<Recall\b[^>]*\sof="([^"]*)"/g)) {
    const ids = of.split(/[\s,]+/).map((name) => name.split('/')[0]);
    for (const file of readdirSync(join(siteDir, 'docs'))) {
      if (ids.includes(/^\d+-(.+)\.mdx$/.exec(file)?.[1])) this.addDependency(join(siteDir, 'docs', file));
    }
  }
  for (const [, chapter] of source.matchAll(/<Stage\b[^>]*\sof="(\d{2}-[a-z0-9-]+)/g))
    this.addContextDependency(join(siteDir, 'code/steps', chapter));
  return source;
};
