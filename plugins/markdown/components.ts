import type {MdxJsxFlowElement, MdxJsxTextElement} from 'mdast-util-mdx';
import {suggest} from './problems.ts';

/**
 * What MDX may use without an import, and the props that an author writes. (`children` are what is between the tags.)
 * tools/lint/pages.test.ts holds it to src/theme/MDXComponents.tsx and to the types of the components.
 */
export const components = {
  Answer: [],
  ChapterMap: [],
  Choice: ['correct'],
  CodeBlock: null,
  Continue: [],
  Deeper: ['title'],
  Diagram: ['src', 'width', 'height', 'title', 'missing'],
  Exercise: ['needs', 'minutes', 'check'],
  FirstVersion: ['title'],
  Goals: [],
  Hint: [],
  IfNot: [],
  Keep: ['title'],
  Predict: ['id'],
  Proof: ['of', 'commands'],
  Picture: ['src', 'kind', 'rows', 'width', 'wide', 'narrow', 'caption'],
  Plate: ['chapter'],
  Question: ['id'],
  Quiz: ['id'],
  Recall: ['of'],
  Replay: ['src', 'title', 'cols', 'rows', 'duration', 'steps', 'poster', 'whenUsed'],
  Seen: [],
  Solution: [],
  Stage: ['of'],
  StaticHtml: ['src', 'className'],
  Unclear: ['href', 'part'],
  Why: [],
} as const satisfies Record<string, readonly string[] | null>;

/** What a plugin turns into another component before the page is rendered: plugins/pictures. */
const replaced: Readonly<Record<string, readonly string[]>> = {
  Figure: ['name'],
  Matrix: ['of', 'caption'],
  Rulers: ['of', 'caption', 'levels'],
};

/**
 * Components that are the same for every reader and need no script: what is on a page between others is sent as HTML
 * alone, and not hydrated (plugins/static-html/segments.ts). A component belongs here when it has no state, no effect
 * and no handler of events; on the server it may use hooks. One that is not here is always hydrated.
 */
export const staticComponents: ReadonlySet<string> = new Set<keyof typeof components>([
  'Answer',
  'Choice',
  'CodeBlock',
  'Deeper',
  'Diagram',
  'Exercise',
  'FirstVersion',
  'Goals',
  'Hint',
  'IfNot',
  'Keep',
  'Picture',
  'Plate',
  'Predict',
  'Proof',
  'Seen',
  'Solution',
  'Stage',
  'StaticHtml',
  'Unclear',
]);

/** Components of Docusaurus that MDX may use; their props are theirs to know. */
const ofDocusaurus = ['Head', 'Details'];

const byName: Readonly<Record<string, readonly string[] | null>> = {...components, ...replaced};

/**
 * What is wrong with an element: a component that is not there, or a prop that it does not have.
 *
 * @param imported names that the document imports or declares itself
 */
export function checkElement(node: MdxJsxFlowElement | MdxJsxTextElement, imported: ReadonlySet<string>): string[] {
  const {name} = node;
  // A fragment, an element of HTML, a member of an object, or the document's own.
  if (!name || /^[a-z]/.test(name) || name.includes('.') || imported.has(name) || ofDocusaurus.includes(name)) return [];
  const props = Object.hasOwn(byName, name) ? byName[name] : undefined;
  if (props === undefined) {
    const known = [...Object.keys(byName), ...ofDocusaurus];
    return [`no component <${name}>${suggest(name, known)}; src/theme/MDXComponents.tsx lists those that need no import`];
  }
  if (props === null) return [];
  return node.attributes.flatMap((attribute) => {
    if (attribute.type !== 'mdxJsxAttribute' || props.includes(attribute.name)) return [];
    const takes = props.length === 0 ? 'it takes none' : `it takes ${props.join(', ')}`;
    return [`<${name}> has no prop “${attribute.name}”${suggest(attribute.name, props)}; ${takes}`];
  });
}
