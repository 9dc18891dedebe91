import {DomUtils, parseDocument} from 'htmlparser2';
import {escapeHtml} from '../../src/terminal/html.ts';

type Nodes = ReturnType<typeof parseDocument>['children'];
type Node = Nodes[number];
type Element = ReturnType<typeof DomUtils.getElementsByTagName>[number];

/** Elements that say something by themselves, with the attributes that a feed reader understands. Others give way to their content. */
const kept: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['h2', 'h3', 'h4', 'h5', 'h6', 'p', 'blockquote', 'pre', 'code', 'em', 'strong', 'del', 'ins'].map((name) => [name, []]),
  ),
  ...Object.fromEntries(['ul', 'li', 'dl', 'dt', 'dd', 'figure', 'figcaption', 'hr', 'br', 'sub', 'sup', 'kbd'].map((name) => [name, []])),
  ...Object.fromEntries(['table', 'thead', 'tbody', 'tr', 'summary'].map((name) => [name, []])),
  ol: ['start'],
  th: ['colspan', 'rowspan'],
  td: ['colspan', 'rowspan'],
  details: ['open'],
  a: ['href'],
  img: ['src', 'alt', 'width', 'height'],
};

/** Elements that mean nothing where neither the site's scripts nor its styles are. */
const dropped = new Set(['script', 'style', 'template', 'noscript', 'button', 'input', 'select', 'svg', 'nav']);

const find = (node: Element, name: string): Element | undefined => DomUtils.getElementsByTagName(name, node, true, 1)[0];
const textOf = (node: Element | undefined): string => (node ? DomUtils.textContent(node).replace(/\s+/g, ' ').trim() : '');

/** What stands for a figure that a feed cannot show: a recording is linked, a drawing is told. Undefined for any other figure. */
function figure(element: Element, address: string): string | undefined {
  const plays = DomUtils.getElementsByTagName('a', element).some(({attribs}) => attribs.href?.endsWith('.cast'));
  if (plays) {
    const name = textOf(find(element, 'figcaption')) || 'a terminal session';
    const target = `${address}#${element.attribs.id ?? ''}`;
    return `<p>Recording: <a href="${escapeHtml(target)}">${escapeHtml(name)}</a></p>`;
  }
  const drawing = find(element, 'svg');
  if (!drawing) return undefined;
  const told = [find(drawing, 'title'), find(drawing, 'desc')].map(textOf).filter(Boolean).join('. ');
  return `<p>Diagram: <a href="${escapeHtml(address)}">${escapeHtml(told || 'on the page')}</a></p>`;
}

function write(node: Node, address: string): string {
  if (DomUtils.isText(node)) return escapeHtml(node.data);
  if (!DomUtils.isTag(node)) return '';
  const {name, attribs} = node;
  // A heading's link to itself.
  const isHash = name === 'a' && /(^|\s)hash-link(\s|$)/.test(attribs.class ?? '');
  // `data-feed-ignore` is on what only helps in using the page.
  const isIgnored = 'hidden' in attribs || 'data-feed-ignore' in attribs || attribs['aria-hidden'] === 'true';
  if (dropped.has(name) || isHash || isIgnored) return '';
  const stand = name === 'figure' ? figure(node, address) : undefined;
  if (stand !== undefined) return stand;
  const content = node.children.map((child) => write(child, address)).join('');
  // A choice stands on a line of its own.
  if (name === 'label') return `<p>${content}</p>`;
  const allowed = kept[name];
  if (!allowed) return content;
  const attributes = allowed
    .filter((attribute) => attribute in attribs)
    .map((attribute) => {
      const value = attribs[attribute] ?? '';
      const absolute = attribute === 'href' || attribute === 'src' ? new URL(value, address).href : value;
      return ` ${attribute}="${escapeHtml(absolute)}"`;
    });
  return ['br', 'hr', 'img'].includes(name) ? `<${name}${attributes.join('')}>` : `<${name}${attributes.join('')}>${content}</${name}>`;
}

/**
 * A post as a feed reader can show it: elements with a meaning, absolute addresses, and nothing that needs the site's
 * scripts or styles: no class names, no links of headings to themselves, no buttons.
 *
 * @param html the built page of the post
 * @param address its absolute address
 * @throws Error when the page has no post in it
 */
export function feedContent(html: string, address: string): string {
  // The id is Docusaurus's (`blogPostContainerID` of @docusaurus/utils-common), whose own feeds read it as well.
  const post = DomUtils.getElementById('__blog-post-container', parseDocument(html).children);
  if (!post) throw new Error(`${address}: no element with the id __blog-post-container, so no post to put into the feeds`);
  return post.children
    .map((node) => write(node, address))
    .join('')
    .trim();
}
