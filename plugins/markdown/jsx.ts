import type {MdxJsxFlowElement, MdxJsxTextElement} from 'mdast-util-mdx';

/** A component or an element in a document. */
export type Jsx = MdxJsxFlowElement | MdxJsxTextElement;

/** What an attribute holds: the text in quotes, the source of an expression in braces, empty when it stands by its name alone. */
export function attributeOf(node: Jsx, name: string): string | {expression: string} | undefined {
  for (const candidate of node.attributes) {
    if (candidate.type !== 'mdxJsxAttribute' || candidate.name !== name) continue;
    const {value} = candidate;
    if (value === null || value === undefined) return '';
    return typeof value === 'string' ? value : {expression: value.value};
  }
  return undefined;
}

/** The text of an attribute, without blanks around it; undefined when it has none, or an expression. */
export function textOf(node: Jsx, name: string): string | undefined {
  const value = attributeOf(node, name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** Gives an element attributes, in place of those of the same names. */
export function setAttributes(node: Jsx, values: Readonly<Record<string, string>>): void {
  node.attributes = [
    ...node.attributes.filter((attribute) => attribute.type !== 'mdxJsxAttribute' || !Object.hasOwn(values, attribute.name)),
    ...Object.entries(values).map(([name, value]) => ({type: 'mdxJsxAttribute' as const, name, value})),
  ];
}

/** An element that a plugin makes, standing where `at` stands in its document. */
export function flowElement(
  name: string,
  values: Readonly<Record<string, string>>,
  children: MdxJsxFlowElement['children'],
  at?: Pick<MdxJsxFlowElement, 'position'>,
): MdxJsxFlowElement {
  const node: MdxJsxFlowElement = {type: 'mdxJsxFlowElement', name, attributes: [], children};
  if (at?.position) node.position = at.position;
  setAttributes(node, values);
  return node;
}
