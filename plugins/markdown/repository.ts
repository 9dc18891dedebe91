import type {Root} from 'mdast';
import {visit} from 'unist-util-visit';
import {homeRepository} from '../../src/data/repository.ts';

/**
 * Remark plugin for a site that is published from a fork: where a page says how to clone the repository, it names the
 * one that the site was built from. Pages write the address of {@link homeRepository}, in fenced code or in backquotes.
 */
export function remarkRepository({repository}: {repository: string}) {
  return (tree: Root): void => {
    visit(tree, ['code', 'inlineCode'], (node) => {
      if ('value' in node && typeof node.value === 'string') node.value = node.value.replaceAll(homeRepository, repository);
    });
  };
}
