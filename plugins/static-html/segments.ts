import {createHash} from 'node:crypto';
import type {Node as EstreeNode, Program} from 'estree';
import type {Element, ElementContent, Root, RootContent} from 'hast';
import type {MdxFlowExpression, MdxJsxFlowElement, MdxJsxTextElement, MdxTextExpression, MdxjsEsm} from 'mdast-util-mdx';
import type {VFile} from 'vfile';
import {staticComponents} from '../markdown/components.ts';
import {relative} from '../markdown/problems.ts';

type Mdx = MdxFlowExpression | MdxJsxFlowElement | MdxJsxTextElement | MdxTextExpression | MdxjsEsm;
type Node = Element | ElementContent | RootContent | Mdx;

/** What a segment is called in a compiled document, which imports it under this name. */
const segment = 'StaticSegment';

/** True where the children of segments are rendered: on the server. Set by {@link staticHtml} when a bundle is made. */
export const renders = '__STATIC_SEGMENTS_RENDER__';

/** Reports whether a piece of a program is a value that is known as it stands: numbers, texts, lists and objects of such. */
function isConstant(node: EstreeNode): boolean {
  switch (node.type) {
    case 'Literal':
      return true;
    case 'UnaryExpression':
      return isConstant(node.argument);
    case 'TemplateLiteral':
      return node.expressions.length === 0;
    case 'ArrayExpression':
      return node.elements.every((element) => element !== null && isConstant(element));
    case 'ObjectExpression':
      return node.properties.every((property) => property.type === 'Property' && !property.computed && isConstant(property.value));
    default:
      return false;
  }
}

const isConstantProgram = (program: Program | null | undefined): boolean =>
  program?.body.every((statement) => statement.type === 'ExpressionStatement' && isConstant(statement.expression)) ?? false;

/** Reports whether all that a node becomes is known when the site is built, and nothing of it needs script. */
function isStatic(node: Node, imported: ReadonlySet<string>): boolean {
  switch (node.type) {
    case 'text':
    case 'comment':
      return true;
    case 'mdxFlowExpression':
    case 'mdxTextExpression':
      return isConstantProgram(node.data?.estree);
    case 'element':
      return node.children.every((child) => isStatic(child as Node, imported));
    case 'mdxJsxFlowElement':
    case 'mdxJsxTextElement':
      return (
        (node.name === null || /^[a-z]/.test(node.name) || (staticComponents.has(node.name) && !imported.has(node.name))) &&
        node.attributes.every(
          (attribute) =>
            attribute.type === 'mdxJsxAttribute' &&
            (attribute.value === null ||
              attribute.value === undefined ||
              typeof attribute.value === 'string' ||
              isConstantProgram(attribute.value.data?.estree)),
        ) &&
        node.children.every((child) => isStatic(child as Node, imported))
      );
    default:
      return false;
  }
}

/** Reports whether a node is seen: space between blocks, and what is only written for the build, need no segment. */
const isSeen = (node: Node): boolean =>
  node.type === 'text' ? node.value.trim() !== '' : !['comment', 'mdxFlowExpression', 'mdxTextExpression'].includes(node.type);

/** Names that a document imports: what they are is not known here, even where a component of the site is called the same. */
function importedNames(nodes: readonly Node[]): Set<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.type !== 'mdxjsEsm') continue;
    for (const statement of node.data?.estree?.body ?? []) {
      if (statement.type !== 'ImportDeclaration') continue;
      for (const {local} of statement.specifiers) names.add(local.name);
    }
  }
  return names;
}

/** What segments hold, for their key: not where it stands in the source, nor what is derived from it. */
const content = (nodes: readonly Node[]): string =>
  JSON.stringify(nodes, (name, value: unknown) => (name === 'position' || name === 'data' ? undefined : value));

/**
 * Wraps what of a document needs no script into segments, which are in the HTML of the page and not in its script: a
 * rehype plugin, to run last, and together with {@link recmaSegments}. A segment is as many blocks of the document in a
 * row as there are without a component that lives: without any but those that plugins/markdown/components.ts calls
 * static, and without an expression. Each is known by the document's key, which changes with what they hold, and its place.
 */
export function rehypeSegments({siteDir}: {siteDir: string}) {
  return (root: Root, document: VFile): void => {
    const nodes = root.children as Node[];
    const imported = importedNames(nodes);
    const runs: Node[][] = [];
    const kept: (Node | Node[])[] = [];
    let run: Node[] | undefined;
    for (const node of nodes) {
      if (isStatic(node, imported)) {
        if (!run) kept.push((run = []));
        run.push(node);
      } else {
        run = undefined;
        kept.push(node);
      }
    }
    for (const each of kept) if (Array.isArray(each) && each.some(isSeen)) runs.push(each);
    if (runs.length === 0) return;
    const key = createHash('sha256')
      .update(relative(siteDir, document.path) + content(runs.flat()))
      .digest('base64url')
      .slice(0, 10);
    const wrapped = kept.flatMap((each): Node[] => {
      if (!Array.isArray(each)) return [each];
      const index = runs.indexOf(each);
      if (index < 0) return each;
      return [
        {
          type: 'mdxJsxFlowElement',
          name: segment,
          attributes: [{type: 'mdxJsxAttribute', name: 'id', value: `${key}.${index}`}],
          children: each as MdxJsxFlowElement['children'],
        },
      ];
    });
    root.children = [importOfSegments(), ...wrapped] as RootContent[];
    document.data.segments = key;
  };
}

/** `import {StaticSegment, arrive} from '#static-segment'`. */
function importOfSegments(): MdxjsEsm {
  const specifiers = [segment, 'arrive'].map((name) => ({
    type: 'ImportSpecifier' as const,
    imported: {type: 'Identifier' as const, name},
    local: {type: 'Identifier' as const, name},
  }));
  const declaration = {
    type: 'ImportDeclaration' as const,
    specifiers,
    source: {type: 'Literal' as const, value: '#static-segment'},
    attributes: [],
  };
  return {type: 'mdxjsEsm', value: '', data: {estree: {type: 'Program', sourceType: 'module', body: [declaration]}}};
}

const isNode = (value: unknown): value is EstreeNode => typeof value === 'object' && value !== null && 'type' in value;

/** Makes the children of every segment depend on {@link renders}, so that the bundle of the page leaves them out. */
function guard(node: EstreeNode): void {
  if (node.type === 'CallExpression') {
    const [type, props] = node.arguments;
    if (type?.type === 'Identifier' && type.name === segment && props?.type === 'ObjectExpression') {
      for (const property of props.properties) {
        if (property.type !== 'Property' || property.key.type !== 'Identifier' || property.key.name !== 'children') continue;
        property.value = {
          type: 'ConditionalExpression',
          test: {type: 'Identifier', name: renders},
          consequent: property.value as Extract<EstreeNode, {type: 'ConditionalExpression'}>['consequent'],
          alternate: {type: 'Literal', value: null},
        };
      }
      return;
    }
  }
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) guard(child);
  }
}

/**
 * Keeps what is in segments out of the script of a page, and has a page that is not in the document wait for them: a
 * recma plugin, to run with {@link rehypeSegments}.
 */
export function recmaSegments() {
  return (program: Program, document: VFile): void => {
    const key = document.data.segments;
    if (typeof key !== 'string') return;
    guard(program);
    const wait = {
      type: 'CallExpression' as const,
      callee: {type: 'Identifier' as const, name: 'arrive'},
      arguments: [{type: 'Literal' as const, value: key}],
      optional: false,
    };
    program.body.push({type: 'ExpressionStatement', expression: {type: 'AwaitExpression', argument: wait}});
  };
}
