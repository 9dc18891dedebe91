import type {Definition, Nodes, Paragraph, Parents, Root, RootContent} from 'mdast';
import type {MdxJsxFlowElement, MdxJsxTextElement} from 'mdast-util-mdx';
import {visit} from 'unist-util-visit';
import {lineOf} from './documents.ts';
import {explicitId} from './links.ts';

/** A component or an element of HTML in a document. */
export type Element = MdxJsxFlowElement | MdxJsxTextElement;

/** A stretch of a block's text that is of one kind. */
export type Piece = {
  /** What it is: words, code, or the text of a link. */
  kind: 'text' | 'code' | 'link';
  /** Where it begins and ends in the text of the block. */
  start: number;
  end: number;
  /** Line of the file that it begins on. */
  line: number;
  /** Where a link leads. */
  url?: string;
};

/** Text that a reader reads in one go: a paragraph, a paragraph of a list item, a cell of a table. */
export type Block = {
  kind: 'paragraph' | 'cell';
  /** The text, with code and links as they read. Line breaks are those of the source. */
  text: string;
  pieces: readonly Piece[];
  line: number;
  /** Components around it and in it, the outermost first. */
  within: readonly Element[];
  inline: readonly Element[];
  /** Id of the part of the page (heading of level 2) that it is in. */
  part: string | undefined;
  /** What stands next to it in the document; for a cell, to its table. */
  before: RootContent | undefined;
  after: RootContent | undefined;
  /** Comments in it and the one that belongs to it, without their marks. */
  notes: readonly string[];
};

const isElement = (node: Nodes): node is Element => node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement';

/** The words of a comment of MDX, or undefined when a node is something else. */
export function commentOf(node: Nodes | undefined): string | undefined {
  if (node?.type !== 'mdxFlowExpression' && node?.type !== 'mdxTextExpression') return undefined;
  return /^\s*\/\*\s*(.*?)\s*\*\/\s*$/s.exec(node.value)?.[1];
}

/** The components of a paragraph that holds nothing else, or null. MDX drops such a paragraph and keeps what is in it. */
function onlyElements({children}: Paragraph): Element[] | null {
  const elements = children.filter((child) => isElement(child));
  const isRest = (child: Nodes): boolean => child.type === 'text' && child.value.trim() === '';
  return elements.length > 0 && children.every((child) => isElement(child) || isRest(child)) ? elements : null;
}

/** Puts together the text of a block from the nodes in it. */
function flatten(nodes: readonly Nodes[], definitions: ReadonlyMap<string, string>) {
  let text = '';
  const pieces: Piece[] = [];
  const inline: Element[] = [];
  const notes: string[] = [];
  const add = (value: string, kind: Piece['kind'], node: Nodes, url?: string): void => {
    pieces.push({kind, start: text.length, end: text.length + value.length, line: lineOf(node), ...(url !== undefined && {url})});
    text += value;
  };
  const walk = (node: Nodes, link: string | undefined): void => {
    const note = commentOf(node);
    if (note !== undefined) notes.push(note);
    else if (node.type === 'text') add(node.value, link === undefined ? 'text' : 'link', node, link);
    else if (node.type === 'inlineCode') add(node.value, link === undefined ? 'code' : 'link', node, link);
    else if (node.type === 'break') add('\n', 'text', node);
    else if ('children' in node) {
      if (isElement(node)) inline.push(node);
      // What looks like a directive and is none: Docusaurus shows it as it was typed.
      if (node.type === 'textDirective') add(`:${node.name}`, 'text', node);
      const to = node.type === 'link' ? node.url : node.type === 'linkReference' ? definitions.get(node.identifier) : undefined;
      for (const child of node.children) walk(child, to ?? link);
    }
  };
  for (const node of nodes) walk(node, undefined);
  return {text, pieces, inline, notes};
}

/** Text of a heading, without its id. */
export const headingText = (node: Parents): string => flatten(node.children, new Map()).text.trim();

/**
 * The comment beside a block that belongs to it: the one right after it, or the one right before it where that one has no
 * other block to belong to.
 */
function notesBeside(siblings: readonly Nodes[], index: number): string[] {
  const after = commentOf(siblings[index + 1]);
  const before = commentOf(siblings[index - 1]);
  const taken = ['paragraph', 'table', 'list'].includes(siblings[index - 2]?.type ?? '');
  return [...(after === undefined ? [] : [after]), ...(before === undefined || taken ? [] : [before])];
}

/**
 * All text of a document that is read as text, in its order: without headings, code blocks, diagrams and attributes of
 * components. Every other block says where it stands, and its reader leaves out what it does not want: see
 * {@link isRunning}.
 *
 * @param root syntax tree of the document, from parseDocument
 */
export function blocksOf(root: Root): Block[] {
  const blocks: Block[] = [];
  const definitions = new Map<string, string>();
  visit(root, 'definition', ({identifier, url}: Definition) => void definitions.set(identifier, url));
  let part: string | undefined;
  const add = (parent: Parents, within: readonly Element[], siblings: readonly Nodes[], index: number): void => {
    const {notes, ...rest} = flatten(parent.children, definitions);
    if (rest.text.trim() === '') return;
    const kind = parent.type === 'tableCell' ? 'cell' : 'paragraph';
    const [before, after] = [siblings[index - 1], siblings[index + 1]] as (RootContent | undefined)[];
    blocks.push({...rest, kind, line: lineOf(parent), within, part, before, after, notes: [...notes, ...notesBeside(siblings, index)]});
  };
  const walk = (parent: Parents, within: readonly Element[]): void => {
    for (const [index, node] of parent.children.entries()) {
      if (node.type === 'heading') {
        if (node.depth === 2) part = explicitId(node);
      } else if (node.type === 'paragraph') {
        const elements = onlyElements(node);
        if (elements === null) add(node, within, parent.children, index);
        for (const element of elements ?? []) add(element, [...within, element], parent.children, index);
      } else if (node.type === 'table') {
        for (const cell of node.children.flatMap((row) => row.children)) add(cell, within, parent.children, index);
      } else if ('children' in node) {
        walk(node, isElement(node) ? [...within, node] : within);
      }
    }
  };
  walk(root, []);
  return blocks;
}

/** Components whose text is a list of questions, choices or links rather than something that explains. */
const notRunning = new Set(['Choice', 'Expect', 'Goals']);

/**
 * Reports whether a block is running text: what the page tells in its own voice. What it promises (`<Goals>`), what a
 * reader may wrongly think (`<Expect>`, `<Choice>`), and the list of sources are not.
 */
export const isRunning = ({within, part}: Block): boolean => part !== 'sources' && !within.some(({name}) => notRunning.has(name ?? ''));

/** Line of the file on which a place of a block's text is. */
export function lineAt({text, pieces, line}: Block, place: number): number {
  const piece = pieces.findLast(({start}) => start <= place);
  if (!piece) return line;
  return piece.line + text.slice(piece.start, place).split('\n').length - 1;
}
