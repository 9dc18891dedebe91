import path from 'node:path';
import {parseMarkdownHeadingId, createSlugger} from '@docusaurus/utils';
import type {Heading, Root} from 'mdast';
import {toString} from 'mdast-util-to-string';
import {visit} from 'unist-util-visit';
import {lineOf} from './documents.ts';
import {suggest} from './problems.ts';

/** An explicit heading id, in both spellings: `{#id}`, and `{/* #id *\/}` where MDX reads braces as JavaScript. */
export function explicitId(heading: Heading): string | undefined {
  const last = heading.children.at(-1);
  if (!last) return undefined;
  // An MDX expression holding nothing but a comment.
  const value = 'value' in last ? last.value : '';
  return /\{#([^}]*)\}\s*$/.exec(value)?.[1] ?? /^\s*\/\*\s*#(\S+)\s*\*\/\s*$/.exec(value)?.[1];
}

/** What can be jumped to in a document: ids of headings, given or made of their words, and of elements; with their lines. */
export function anchorsOf(root: Root): Map<string, number[]> {
  const anchors = new Map<string, number[]>();
  const slugger = createSlugger();
  const add = (id: string, line: number): void => void anchors.set(id, [...(anchors.get(id) ?? []), line]);
  visit(root, (node) => {
    if (node.type === 'heading') {
      add(explicitId(node) ?? slugger.slug(parseMarkdownHeadingId(toString(node)).text.trim()), lineOf(node));
    }
    if (node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement') {
      for (const attribute of node.attributes) {
        // The id of a quiz is the name that answers are kept under.
        if (attribute.type === 'mdxJsxAttribute' && attribute.name === 'id' && typeof attribute.value === 'string' && node.name !== 'Quiz')
          add(attribute.value, lineOf(node));
      }
    }
  });
  return anchors;
}

/** What links may lead to. */
export type Targets = {
  /** Documents by their path from the root: their address, and what can be jumped to. */
  documents: ReadonlyMap<string, {address: string; anchors: ReadonlySet<string>}>;
  /** Other addresses, with a slash at the end: lists of posts, pages that are programs. */
  others: ReadonlySet<string>;
  /** Reports whether there is a file, by its path from the root. */
  exists: (file: string) => boolean;
};

/** `/docs/a` and `/docs/a/index.html` as Docusaurus sees them. */
const withSlash = (address: string): string => (address.endsWith('/') ? address : `${address}/`);

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * What is wrong with a link within the site, or null.
 *
 * @param from the document it stands in, from the root
 */
export function checkSiteLink(url: string, isImage: boolean, from: string, {documents, others, exists}: Targets): string | null {
  const [, place = '', , anchor] = /^([^?#]*)(\?[^#]*)?(?:#(.*))?$/s.exec(url) ?? [];
  const where = decode(place);
  const missing = (known: Iterable<string>): string =>
    `${isImage ? 'image' : 'link to'} ${url}: there is no ${where}${suggest(where, known)}`;
  const jump = (target: {address: string; anchors: ReadonlySet<string>} | undefined, name: string): string | null => {
    if (anchor === undefined || anchor === '' || !target || target.anchors.has(decode(anchor))) return null;
    return `link to ${url}: ${name} has no #${anchor}${suggest(anchor, target.anchors)}`;
  };
  if (where === '') return jump(documents.get(from), 'this page');
  if (where.startsWith('/')) {
    if (exists(`static${where}`)) return null;
    if (isImage) return `${missing([])}; images are in static/`;
    const address = withSlash(where);
    const found = [...documents].find(([, document]) => document.address === address);
    if (found) return jump(found[1], found[0]);
    if (others.has(address)) return null;
    const known = [...[...documents.values()].map((document) => document.address), ...others];
    return `link to ${url}: there is no page ${address}${suggest(address, known)}`;
  }
  const file = path.posix.normalize(path.posix.join(path.posix.dirname(from), where));
  const isDocument = /\.mdx?$/.test(where);
  if (isImage || !isDocument) {
    if (exists(file)) return null;
    if (isImage) return `image ${url}: there is no ${file}`;
    return `link to ${url}: neither a page's address (as /docs/…/) nor a file; a page is linked by its address or its file's name, with .mdx`;
  }
  const target = documents.get(file);
  if (target) return jump(target, file);
  const near = [...documents.keys()].map((name) => path.posix.relative(path.posix.dirname(from), name));
  return missing(near);
}
