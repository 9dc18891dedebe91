import {parse, type DefaultTreeAdapterTypes} from 'parse5';
import type {Section} from '../../src/data/search.ts';

type Node = DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document;
type Element = DefaultTreeAdapterTypes.Element;

/** Elements whose text is not the page's: they help in using it, or are seen by nobody. */
const silent = new Set(['nav', 'button', 'footer', 'svg', 'noscript', 'script', 'style', 'template', 'time']);

/** Elements that stand in a line of text; what all others hold is set off from the text around it. */
const inline = new Set(['a', 'abbr', 'b', 'code', 'em', 'i', 'kbd', 'q', 's', 'samp', 'small', 'span', 'strong', 'sub', 'sup', 'u', 'var']);

/** Elements whose children are drawn apart although they stand in a line: a choice and its letter, a title and its facts. */
const pairs = new Set(['label', 'figcaption', 'summary']);

const isElement = (node: Node): node is Element => 'tagName' in node;

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((candidate) => candidate.name === name)?.value;
}

function hasClass(element: Element, name: string): boolean {
  return (attribute(element, 'class') ?? '').split(/\s+/).includes(name);
}

/** Reports whether an element is about the page, or repeats what stands elsewhere on it, and so is not searched. */
function isIgnored(element: Element): boolean {
  return (
    silent.has(element.tagName) ||
    attribute(element, 'aria-hidden') === 'true' ||
    attribute(element, 'data-search-ignore') !== undefined ||
    ['hash-link', 'theme-doc-toc-mobile', 'theme-doc-footer'].some((name) => hasClass(element, name)) ||
    // What the blog's theme puts under a title: date, reading time, authors.
    (element.tagName === 'div' && element.parentNode !== null && 'tagName' in element.parentNode && element.parentNode.tagName === 'header')
  );
}

function find(node: Node, wanted: (element: Element) => boolean): Element | undefined {
  if (isElement(node) && wanted(node)) return node;
  if (!('childNodes' in node)) return undefined;
  for (const child of node.childNodes) {
    const found = find(child, wanted);
    if (found) return found;
  }
  return undefined;
}

function metaContent(document: Node, name: string): string {
  const element = find(document, (candidate) => candidate.tagName === 'meta' && attribute(candidate, 'name') === name);
  return (element && attribute(element, 'content')) ?? '';
}

/** Blank lines and indentation say nothing to a search. */
function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/[\s\u200B]+/g, ' ').trim())
    .filter(Boolean)
    .join('\n');
}

/** A section while its text is being collected. */
type Draft = {id: string; level: number; title: string; within: readonly Draft[]; also: string; text: string; last: string; code: string};

/**
 * The sections of a page, in its order. The first is the page's top, with the description of the page as the first of its
 * text; each heading with an id begins another.
 *
 * @param html a whole document, which need not close its elements
 * @param address path of the page below the base path
 * @param also names that the page goes by and that are not on it
 * @throws Error when the page has neither an `<article>` nor a `<main>`, or no `<h1>`
 */
export function sectionsOf(html: string, address: string, also: readonly string[] = []): Section[] {
  const document = parse(html);
  const body = find(document, ({tagName}) => tagName === 'article') ?? find(document, ({tagName}) => tagName === 'main');
  if (!body) throw new Error(`${address}: no <article> or <main> for the search index to read`);
  let current: Draft = {
    id: '',
    level: 1,
    title: '',
    within: [],
    also: [...also, metaContent(document, 'keywords'), ''].join('\n'),
    text: `${metaContent(document, 'description')}\n`,
    last: '',
    code: '',
  };
  const drafts = [current];

  function read(node: Node, part: 'title' | 'text' | 'last' | 'code'): void {
    if (node.nodeName === '#text') {
      current[part] += (node as DefaultTreeAdapterTypes.TextNode).value;
      return;
    }
    if (!isElement(node) || isIgnored(node)) return;
    if (/^h[1-6]$/.test(node.tagName)) {
      const id = attribute(node, 'id');
      if (id !== undefined && node.tagName !== 'h1') {
        const level = Number(node.tagName.slice(1));
        const within = [...current.within, current].filter((outer) => outer.level > 1 && outer.level < level);
        current = {id, level, title: '', within, also: '', text: '', last: '', code: ''};
        drafts.push(current);
      }
      for (const child of node.childNodes) read(child, id !== undefined || node.tagName === 'h1' ? 'title' : part);
      current[part] += '\n';
      return;
    }
    const isProse = part === 'text' || part === 'last';
    const isCode = isProse && (node.tagName === 'pre' || hasClass(node, 'transcript-caption'));
    // What an excerpt of the text before it must not run into, such as the answer to a question that is to be thought about.
    const isLast = part === 'text' && attribute(node, 'data-search-last') !== undefined;
    const into = isCode ? 'code' : isLast ? 'last' : part;
    const apart = !inline.has(node.tagName);
    // A line of a listing is an element of its own, without an end of line where the page draws one.
    if (apart) current[into] += '\n';
    const before = current[into].length;
    for (const child of node.childNodes) {
      if (pairs.has(node.tagName)) current[into] += ' ';
      read(child, into);
    }
    if (into === 'text' && node.tagName === 'strong') current.also += `${current.text.slice(before)}\n`;
    if (apart) current[into] += '\n';
  }

  read(body, 'text');
  const page = tidy(drafts[0]?.title ?? '');
  if (!page) throw new Error(`${address}: no <h1> for the search index to read`);
  return drafts.map((draft) => ({
    url: draft.id ? `${address}#${draft.id}` : address,
    page,
    title: tidy(draft.title) || page,
    ...(draft.within.length > 0 && {within: draft.within.map(({title}) => tidy(title)).join('\n')}),
    ...(tidy(draft.also) && {also: tidy(draft.also)}),
    text: tidy(`${draft.text}\n${draft.last}`),
    code: tidy(draft.code),
  }));
}
