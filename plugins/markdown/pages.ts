import {existsSync, statSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Root} from 'mdast';
import type {MdxjsEsm} from 'mdast-util-mdx';
import {visit} from 'unist-util-visit';
import {checkElement} from './components.ts';
import {documentFolders, findFiles, lineOf, parseDocument} from './documents.ts';
import {checkExerciseName, exerciseNames} from './exercises.ts';
import {checkFrontMatter, readYaml} from './front-matter.ts';
import {checkFirstUses, checkTerms, glossaryFile, isChapter, termsOf} from './glossary.ts';
import {anchorsOf, checkSiteLink, type Targets} from './links.ts';
import {ProblemsError, relative, type Problem} from './problems.ts';

type Page = {file: string; root: Root | null; frontMatter: Record<string, unknown>; anchors: Map<string, number[]>};

/** Trees of documents, by their absolute paths, and the text that each was made of. Nobody who gets one changes it. */
const trees = new Map<string, {text: string; root: Root; anchors: Map<string, number[]>}>();

/** The tree and the anchors of a document, which are made only when its text is another than the last time. */
function readTree(document: string, file: string, text: string): {root: Root; anchors: Map<string, number[]>} {
  const known = trees.get(document);
  if (known?.text === text) return known;
  const root = parseDocument(file, text);
  const made = {text, root, anchors: anchorsOf(root)};
  trees.set(document, made);
  return made;
}

/** Address of a page, by the path of its file and its front matter, as Docusaurus makes it of this site's settings. */
export function addressOf(file: string, frontMatter: Record<string, unknown>): string {
  const [, folder = '', rest = ''] = /^(docs|blog|src\/pages)\/(.*?)(?:\/index)?\.(?:mdx?|tsx)$/.exec(file) ?? [];
  const base = folder === 'src/pages' ? '/' : `/${folder}/`;
  const {slug, id} = frontMatter;
  const parts = rest === 'index' ? [] : rest.split('/');
  // Numbers at the start order the files; they are not part of the address.
  const names = folder === 'docs' ? parts.map((part) => part.replace(/^\d+\s*[-_.]+\s*/, '')) : parts;
  if (typeof slug === 'string')
    return path.posix.join(base, slug.startsWith('/') || folder !== 'docs' ? '' : names.slice(0, -1).join('/'), slug, '/');
  if (folder === 'docs' && typeof id === 'string') names.splice(-1, 1, id);
  const dated = folder === 'blog' ? /^(\d{4})-(\d\d)-(\d\d)-(.*)$/.exec(rest) : null;
  return path.posix.join(base, ...(dated ? dated.slice(1) : names), '/');
}

/** Names that a document imports or declares. */
function ownNames(root: Root): Set<string> {
  const names = new Set<string>();
  visit(root, 'mdxjsEsm', ({value}: MdxjsEsm) => {
    for (const [name] of value.matchAll(/\b[A-Z]\w*/g)) names.add(name);
  });
  return names;
}

/**
 * Looks at all pages of the site as an author does: front matter, components and their props, links, anchors, images,
 * ids, first uses of terms. Docusaurus finds most of this, too: later, without the line, or in words of its own code.
 *
 * @param siteDir root of the site
 */
export async function checkPages(siteDir: string): Promise<Problem[]> {
  const problems: Problem[] = [];
  const yaml = async (file: string): Promise<Record<string, unknown>> =>
    readFile(path.join(siteDir, file), 'utf8').then(readYaml, () => ({}));
  const [authors, tags] = await Promise.all([yaml('blog/authors.yml'), yaml('blog/tags.yml')]);
  const names = {authors: Object.keys(authors), tags: Object.keys(tags)};
  const exercises = await exerciseNames(siteDir);
  const pages: Page[] = [];
  const others = new Set(['/', '/blog/', '/blog/archive/', '/blog/tags/', '/blog/authors/']);
  for (const name of names.tags) {
    const {permalink = `/${name}`} = (tags[name] ?? {}) as {permalink?: string};
    others.add(path.posix.join('/blog/tags', permalink, '/'));
  }
  for (const name of names.authors) others.add(`/blog/authors/${name}/`);
  for (const folder of documentFolders) {
    for (const document of await findFiles(path.join(siteDir, folder), (name) => /\.(?:mdx?|tsx)$/.test(name))) {
      const file = relative(siteDir, document);
      if (file.endsWith('.tsx')) {
        if (!file.endsWith('.test.tsx')) others.add(addressOf(file, {}));
        continue;
      }
      const text = await readFile(document, 'utf8');
      const {frontMatter, problems: found} = await checkFrontMatter(file, text, names);
      problems.push(...found);
      try {
        pages.push({file, frontMatter, ...readTree(document, file, text)});
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error;
        problems.push(...error.problems);
        pages.push({file, root: null, frontMatter, anchors: new Map()});
      }
    }
  }
  const targets: Targets = {
    documents: new Map(
      pages.map(({file, root, frontMatter, anchors}) => [
        file,
        // Of a page that cannot be read, any link may be right.
        {address: addressOf(file, frontMatter), anchors: root ? new Set(anchors.keys()) : anything},
      ]),
    ),
    others,
    exists: (file) => existsSync(path.join(siteDir, file)) && statSync(path.join(siteDir, file)).isFile(),
  };
  const glossary = pages.find(({file}) => file === glossaryFile)?.root;
  const terms = glossary ? termsOf(glossary) : [];
  problems.push(...checkTerms(terms));
  for (const page of pages) {
    problems.push(...checkPage(page, targets, exercises));
    if (page.root && isChapter(page.file)) problems.push(...checkFirstUses(page.file, page.root, terms));
  }
  return problems.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

const anything = new (class extends Set<string> {
  override has(): boolean {
    return true;
  }
})();

function checkPage({file, root, anchors}: Page, targets: Targets, exercises: readonly string[]): Problem[] {
  if (!root) return [];
  const problems: Problem[] = [];
  for (const [id, [first = 1, ...again]] of anchors) {
    for (const line of again) problems.push({file, line, message: `id “${id}” is taken by line ${first}; ids are unique in a page`});
  }
  const own = ownNames(root);
  visit(root, (node) => {
    const line = lineOf(node);
    if (node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement') {
      for (const message of [...checkElement(node, own), ...checkExerciseName(node, exercises)]) problems.push({file, line, message});
    }
    if (node.type !== 'link' && node.type !== 'image' && node.type !== 'definition') return;
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(node.url) || node.url === '') return;
    const message = checkSiteLink(node.url, node.type === 'image', file, targets);
    if (message !== null) problems.push({file, line, message});
  });
  return problems;
}
