import {createRequire} from 'node:module';
import path from 'node:path';
import {Language, Parser, type Node} from 'web-tree-sitter';

/** A declaration at the top level of a Go file. Lines count from 1, and both ends belong to it. */
export type Declaration = {
  /** What it declares: `Start`, `Overlay.Mount` for a method, and each member of a `const`, `var` or `type` group. */
  names: readonly string[];
  /** First line, that of its doc comment if it has one. */
  first: number;
  /** Line of its keyword (`func`, `type`, `const`, `var`). */
  head: number;
  last: number;
};

/** Node types of declarations in the grammar of tree-sitter-go. */
const declarationTypes = new Set([
  'function_declaration',
  'method_declaration',
  'type_declaration',
  'const_declaration',
  'var_declaration',
]);

let loading: Promise<Parser> | undefined;

/** The parser of Go, loaded when first asked for. */
function loadParser(): Promise<Parser> {
  loading ??= (async () => {
    await Parser.init();
    const load = createRequire(path.join(process.cwd(), 'package.json'));
    return new Parser().setLanguage(await Language.load(load.resolve('tree-sitter-go/tree-sitter-go.wasm')));
  })();
  return loading;
}

/** Name of the type that a method belongs to, without the `*` and the type parameters of its receiver. */
function receiverOf(method: Node): string {
  return method.childForFieldName('receiver')?.descendantsOfType('type_identifier')[0]?.text ?? '';
}

/** Names that a declaration gives. The blank identifier names nothing. */
function namesOf(node: Node): string[] {
  const name = node.childForFieldName('name')?.text ?? '';
  if (node.type === 'function_declaration') return [name];
  if (node.type === 'method_declaration') return [`${receiverOf(node)}.${name}`];
  const specs = node.namedChildren.flatMap((child) => (child.type === 'var_spec_list' ? child.namedChildren : [child]));
  return specs
    .flatMap((spec) => spec.childrenForFieldName('name').map((member) => member.text))
    .filter((member) => /^[\p{L}_]/u.test(member) && member !== '_');
}

/**
 * Declarations of a Go file in the order of the file, with their doc comments: those that end on the line before
 * (https://go.dev/doc/comment).
 *
 * @param text a whole file; what is not Go in it is skipped, since compiling is the Go tool's task
 */
export async function goDeclarations(text: string): Promise<Declaration[]> {
  const parser = await loadParser();
  const tree = parser.parse(text);
  if (!tree) return [];
  const declarations: Declaration[] = [];
  /** Where the comment that touches the next node begins, and where it ends. */
  let comment: {first: number; last: number} | undefined;
  let before = 0;
  for (const node of tree.rootNode.namedChildren) {
    const first = node.startPosition.row + 1;
    const last = node.endPosition.row + 1;
    if (node.type === 'comment') {
      // One that stands behind code on its line is not the doc comment of what follows.
      if (first > before) comment = {first: comment?.last === first - 1 ? comment.first : first, last};
      continue;
    }
    if (declarationTypes.has(node.type)) {
      declarations.push({names: namesOf(node), first: comment?.last === first - 1 ? comment.first : first, head: first, last});
    }
    comment = undefined;
    before = last;
  }
  tree.delete();
  return declarations;
}
