import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';
import {valueToEstree} from 'estree-util-value-to-estree';
import type {Root} from 'mdast';
import type {MdxJsxAttribute} from 'mdast-util-mdx';
import type {VFile} from 'vfile';
import {watchDocuments} from '../markdown/watch.ts';
import {ProblemsError, relative} from '../markdown/problems.ts';
import {allProblems, castFolder, Recordings} from './derive.ts';
import {findAllReplays, findReplays} from './replays.ts';

/** One for each site, shared by the plugin and its remark part: neither makes what the other has made. */
const sites = new Map<string, Recordings>();

function recordingsOf(siteDir: string): Recordings {
  let recordings = sites.get(siteDir);
  if (!recordings) sites.set(siteDir, (recordings = new Recordings(siteDir)));
  return recordings;
}

/**
 * Gives each `<Replay src="name">` the title, size, length and steps of its recording, so that the page can lay it out
 * before anything is loaded: a remark plugin.
 *
 * @throws ProblemsError for all recordings of the document that are missing or cannot be read
 */
export function remarkRecordings({siteDir}: {siteDir: string}) {
  return async (root: Root, document: VFile): Promise<void> => {
    const {replays, problems} = findReplays(root, relative(siteDir, document.path));
    const tasks = replays.map(async ({node, src, poster, file, line}) => {
      const props = await recordingsOf(siteDir).derive(src, poster, {file, line});
      const given = new Set(node.attributes.map((attribute) => (attribute.type === 'mdxJsxAttribute' ? attribute.name : '')));
      if (!props.title && !given.has('title')) {
        const message = `the recording “${src}” has no title in its header; write one here: <Replay src="${src}" title="…" />`;
        throw new ProblemsError([{file, line, message}]);
      }
      node.attributes.push(
        ...Object.entries(props)
          .filter(([name]) => !given.has(name))
          .map(([name, value]) => attribute(name, value)),
      );
    });
    problems.push(...(await allProblems(tasks)));
    if (problems.length > 0) throw new ProblemsError(problems);
  };
}

/** An attribute whose value is an expression: `name={value}`. */
function attribute(name: string, value: unknown): MdxJsxAttribute {
  return {
    type: 'mdxJsxAttribute',
    name,
    value: {
      type: 'mdxJsxAttributeValueExpression',
      value: JSON.stringify(value),
      data: {
        estree: {
          type: 'Program',
          sourceType: 'module',
          comments: [],
          body: [{type: 'ExpressionStatement', expression: valueToEstree(value)}],
        },
      },
    },
  };
}

/**
 * Makes index, poster and transcript of every recording before pages are compiled, and again when a recording changes.
 * Documents compile again then, too.
 */
export default function recordings(context: LoadContext): Plugin {
  const {siteDir} = context;
  return {
    name: 'recordings',
    async loadContent() {
      const store = recordingsOf(siteDir);
      const {replays, problems} = await findAllReplays(siteDir);
      const posters = new Map(replays.map(({src, poster}) => [src, poster]));
      const place = {file: castFolder, line: 1};
      // One after the other: each takes a processor for itself.
      for (const name of await store.names()) problems.push(...(await allProblems([store.derive(name, posters.get(name), place)])));
      await store.removeOrphans();
      if (problems.length > 0) throw new ProblemsError(problems);
    },
    getPathsToWatch: () => [path.join(siteDir, castFolder, '**/*.cast')],
    configureWebpack: () => ({
      resolve: {
        // The package's manifest names a CommonJS file, which is a quarter heavier, and an ES module that is not there.
        alias: {'@xterm/headless$': path.join(siteDir, 'node_modules/@xterm/headless/lib-headless/xterm-headless.mjs')},
      },
      module: {
        rules: [watchDocuments(siteDir, 'recordings', {folder: path.join(siteDir, castFolder)})],
      },
    }),
  };
}
