import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';
import type {Code, Root} from 'mdast';
import {visit} from 'unist-util-visit';
import type {VFile} from 'vfile';
import {parseResult, resultsFolder, type Result, type Shown} from '../../sessions/result.ts';
import {lineOf} from '../markdown/documents.ts';
import {watchDocuments} from '../markdown/watch.ts';
import {parseMeta} from '../markdown/meta.ts';
import {ProblemsError, relative, suggest, type Problem} from '../markdown/problems.ts';

declare module 'mdast' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- this adds to mdast's interface
  interface CodeData {
    /** Set on a session whose commands are meant for different shells, and so cannot be copied together. */
    typed?: boolean;
  }
}

/** Columns that a page shows of a line, as for listings. */
const columns = 76;

/** The commands that a fence shows. */
type Cut = {commands: readonly Shown[]} | {problem: string};

/** The result of an experiment, by a name such as `01-2-pid`, or why it cannot be had. */
export async function resultOf(siteDir: string, name: string): Promise<Result | {problem: string}> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return {problem: `of=${name} is not the name of an experiment; they are like 01-2-pid`};
  const file = `${resultsFolder}/${name}.json`;
  let text;
  try {
    text = await readFile(path.join(siteDir, file), 'utf8');
  } catch {
    const names = await readdir(path.join(siteDir, resultsFolder)).catch(() => []);
    const known = names.filter((each) => each.endsWith('.json')).map((each) => path.basename(each, '.json'));
    return {problem: `there is no ${file}${suggest(name, known)}; npm run record -- ${name} makes it from sessions/experiments/${name}.ts`};
  }
  try {
    return parseResult(file, text);
  } catch (error) {
    return {problem: error instanceof Error ? error.message : String(error)};
  }
}

/** The commands that `commands=2-4` means, counted from 1. */
function cut(name: string, all: readonly Shown[], range: string | undefined): Cut {
  if (range === undefined) return {commands: all};
  const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(range) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (!(first >= 1 && last >= first)) return {problem: `commands=${range} is not a range; write it like commands=2 or commands=2-4`};
  if (last > all.length) return {problem: `commands=${range}: ${name} has ${all.length} commands`};
  return {commands: all.slice(first - 1, last)};
}

/** What a terminal showed, as the text of a console fence. An exit status that is not 0 stands in brackets, for no shell prints it. */
const session = (commands: readonly Shown[]): string =>
  commands
    .flatMap(({prompt, command, output, status}) => [
      `${prompt} ${command}`,
      ...(output === '' ? [] : [output]),
      ...(status === null || status === 0 ? [] : [`[exit status ${status}]`]),
    ])
    .join('\n');

/**
 * Fills each fence `console of=NAME` with the commands of an experiment and what they printed: a remark plugin, to run
 * before the highlighting. `commands=2-4` takes some of them.
 *
 * @throws ProblemsError for all such fences of the document that cannot be filled
 */
export function remarkExperiments({siteDir}: {siteDir: string}) {
  return async (root: Root, document: VFile): Promise<void> => {
    const file = relative(siteDir, document.path);
    const fences: Code[] = [];
    visit(root, 'code', (node: Code) => {
      const {attributes} = parseMeta(node.meta);
      if (attributes.of !== undefined || attributes.commands !== undefined) fences.push(node);
    });
    const problems: Problem[] = [];
    for (const node of fences) {
      const problem = await fill(siteDir, node);
      if (problem !== null) problems.push({file, line: lineOf(node), message: problem});
    }
    if (problems.length > 0) throw new ProblemsError(problems);
  };
}

/** @returns what is wrong, or null */
async function fill(siteDir: string, node: Code): Promise<string | null> {
  const {of: name, commands: range} = parseMeta(node.meta).attributes;
  if (name === undefined) return 'commands= means nothing without of=, which names an experiment';
  if (node.lang !== 'console') return `an experiment is a terminal session; write \`\`\`console of=${name}`;
  if (node.value.trim() !== '') return `of=${name} fills the fence; remove the lines in it`;
  const result = await resultOf(siteDir, name);
  if ('problem' in result) return result.problem;
  const shown = cut(name, result.commands, range);
  if ('problem' in shown) return shown.problem;
  node.value = session(shown.commands);
  // What follows a command that opens a shell is meant for that shell, and pasted with it would run outside.
  if (shown.commands.slice(0, -1).some(({status}) => status === null)) node.data = {...node.data, typed: true};
  const wide = node.value.split('\n').find((line) => line.length > columns);
  if (wide !== undefined) return `a line of ${name} is longer than ${columns} columns: ${wide}`;
  return null;
}

/** Compiles a document again when an experiment that it shows changes, in `npm start` and against the cache of a build. */
export default function experiments({siteDir}: LoadContext): Plugin {
  const folder = path.join(siteDir, resultsFolder);
  return {
    name: 'experiments',
    getPathsToWatch: () => [path.join(folder, '*.json')],
    configureWebpack: () => ({
      module: {
        rules: [watchDocuments(siteDir, 'experiments', {folder})],
      },
    }),
  };
}
