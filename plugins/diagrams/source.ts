import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import type {Fence} from '../markdown/documents.ts';
import {suggest, type Problem} from '../markdown/problems.ts';
import {classDefinitions, config, nodeClasses} from './palette.ts';

/** Number of the way in which Mermaid's output is turned into our SVG; raise it when flatten.ts changes what it writes. */
const format = 2;

/** A diagram of a document. */
export type Diagram = {
  /** Document, from the root of the site. */
  file: string;
  /** Line of the opening fence. */
  line: number;
  /** Mermaid's text as the author wrote it, with line ends of Unix. */
  source: string;
  /** Name of the drawing: the same for the same source, Mermaid and configuration. */
  hash: string;
};

/** Folder of the drawings below the root of the site, and their address on it. */
export const drawingsFolder = 'static/diagrams';
export const drawingPath = (hash: string): string => `/diagrams/${hash}.svg`;

/** Folder of the drawings that `npm start` makes for the moment. */
export const momentaryFolder = '.derived/diagrams';

/** Version of the Mermaid that is installed for the site. */
export function mermaidVersion(siteDir: string): string {
  const file = createRequire(path.join(siteDir, 'package.json')).resolve('mermaid/package.json');
  const {version} = JSON.parse(readFileSync(file, 'utf8')) as {version: string};
  return version;
}

/** Name of the drawing of a source. */
export function hashOf(source: string, version: string): string {
  return createHash('sha256').update(JSON.stringify({source, version, config, classDefinitions, format})).digest('hex').slice(0, 16);
}

/** Statements that bring colours of their own, which could be right in light or in dark but not in both. */
const coloured = /^(classDef|style|linkStyle)\b/;

/** What an author must mend before the diagram can be drawn, as line of the source (from 1) and message. */
function check(lines: readonly string[]): {line: number; message: string}[] {
  const found: {line: number; message: string}[] = [];
  lines.forEach((text, index) => {
    const line = index + 1;
    const statement = text.trim();
    const fail = (message: string): void => void found.push({line, message});
    if (statement.startsWith('%%{')) fail('%%{…}%% changes how this one diagram looks; remove it, all diagrams share one configuration');
    if (index === 0 && statement === '---') fail('a diagram takes no front matter of its own; remove it');
    const [keyword] = coloured.exec(statement) ?? [];
    if (keyword)
      fail(
        `${keyword} sets colours that are wrong in light or in dark; give nodes a class instead: ${nodeClasses.map((name) => `:::${name}`).join(' ')}`,
      );
    const classes = [...statement.matchAll(/:::([\w-]+)/g)].map(([, name = '']) => name);
    const assigned = /^class\s+\S+\s+([\w-]+)\s*;?$/.exec(statement)?.[1];
    for (const name of assigned === undefined ? classes : [...classes, assigned]) {
      if ((nodeClasses as readonly string[]).includes(name)) continue;
      fail(`no class “${name}”${suggest(name, nodeClasses)}; a node may have ${nodeClasses.map((known) => `:::${known}`).join(' ')}`);
    }
  });
  const text = lines.join('\n');
  if (!/^\s*accTitle[ \t]*:[ \t]*\S/m.test(text))
    found.push({line: 0, message: 'a diagram needs a title for those who do not see it; add a line “accTitle: what it shows”'});
  if (!/^\s*accDescr[ \t]*(:[ \t]*\S|\{\s*[^\s}])/m.test(text))
    found.push({
      line: 0,
      message: 'a diagram needs a description for those who do not see it; add a line “accDescr: all that it says, in words”',
    });
  return found;
}

/**
 * The diagram of a mermaid fence.
 *
 * @param version version of Mermaid, as {@link mermaidVersion} tells it
 * @returns the diagram, and what is wrong with its source as far as that shows without drawing it
 */
export function readDiagram(fence: Fence, version: string): {diagram: Diagram; problems: Problem[]} {
  const {file, line} = fence;
  const source = fence.value.replace(/\r\n?/g, '\n').trimEnd();
  const problems = check(source.split('\n')).map((problem) => ({file, line: line + problem.line, message: problem.message}));
  if (fence.meta.trim() !== '') problems.unshift({file, line, message: `a diagram takes no attributes; remove “${fence.meta.trim()}”`});
  return {diagram: {file, line, source, hash: hashOf(source, version)}, problems};
}

/**
 * What to give to Mermaid for a source. It removes comments and blank lines at the start before it counts lines; here
 * comments become blank lines, so that the line of an error can be found again.
 *
 * @returns the text, and how many lines Mermaid will not have counted
 */
export function prepare(source: string): {text: string; offset: number} {
  const text = source.replace(/^[ \t]*%%[^\n]*$/gm, '');
  const offset = /^(?:[ \t]*\n)*/.exec(text)?.[0].split('\n').length ?? 1;
  const hasClasses = /^\s*(flowchart|graph|stateDiagram)/.test(text);
  return {text: hasClasses ? `${text}\n${classDefinitions}\n` : text, offset: offset - 1};
}
