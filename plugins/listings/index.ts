import path from 'node:path';
import type {LoadContext, Plugin} from '@docusaurus/types';
import logger from '@docusaurus/logger';
import type {Code, Root} from 'mdast';
import {visit} from 'unist-util-visit';
import type {VFile} from 'vfile';
import {lineOf} from '../markdown/documents.ts';
import {watchDocuments} from '../markdown/watch.ts';
import {format, ProblemsError, relative, type Problem} from '../markdown/problems.ts';
import {checkListings} from './check.ts';
import {citesFile, resolveListing, Sources, type Listing} from './listing.ts';

declare module 'mdast' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface can be added to
  interface CodeData {
    /** Set by the listings plugin on a fence with `file=`. */
    listing?: Listing;
  }
}

export type Options = {
  /** Folders of source files whose every region must be shown somewhere. */
  sources: readonly string[];
};

/**
 * Gives each fence with `file=` its text, cut from the file: a remark plugin, to run before the highlighting.
 *
 * @throws ProblemsError for all listings of the document that cannot be made
 */
export function remarkListings({siteDir}: {siteDir: string}) {
  return async (root: Root, document: VFile): Promise<void> => {
    const file = relative(siteDir, document.path);
    const fences: Code[] = [];
    visit(root, 'code', (node: Code) => {
      if (citesFile(node.meta)) fences.push(node);
    });
    const sources = new Sources(siteDir);
    const problems: Problem[] = [];
    for (const node of fences) {
      const fence = {file, line: lineOf(node), lang: node.lang ?? '', meta: node.meta ?? '', value: node.value};
      const result = await resolveListing(fence, sources);
      problems.push(...result.problems);
      if (!result.listing) continue;
      node.value = result.listing.lines.map(({text}) => text).join('\n');
      node.data = {...node.data, listing: result.listing};
    }
    if (problems.length > 0) throw new ProblemsError(problems);
  };
}

/**
 * What listings need beyond the single page: documents compile again when a cited file changes, and the build fails on
 * a region that is shown nowhere. `npm start` only warns of those, for an author writes the region before the fence.
 */
export default function listings(context: LoadContext, {sources}: Options): Plugin {
  return {
    name: 'listings',
    async loadContent() {
      const problems = await checkListings(context.siteDir, sources);
      if (problems.length === 0) return;
      if (process.env.NODE_ENV === 'production') throw new ProblemsError(problems);
      logger.warn(format(problems));
    },
    getPathsToWatch: () => sources.map((folder) => path.join(context.siteDir, folder, '**/*')),
    configureWebpack: () => ({
      module: {
        rules: [watchDocuments(context.siteDir, 'listings', {siteDir: context.siteDir})],
      },
    }),
  };
}
