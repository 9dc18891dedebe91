import type {Heading, Root, RootContent} from 'mdast';
import {toString} from 'mdast-util-to-string';
import type {VFile} from 'vfile';
import {isChapter} from '../markdown/glossary.ts';
import {explicitId} from '../markdown/links.ts';
import {flowElement} from '../markdown/jsx.ts';
import {addressOf} from '../markdown/pages.ts';
import {relative} from '../markdown/problems.ts';

export type UnclearOptions = {
  siteDir: string;
  /** Address of the repository's web pages; a link leads to `<repository>/issues/new`. */
  repository: string;
  /** Where the site is served, with its base path, ending in `/`. */
  site: string;
};

/**
 * Puts at the end of each part of a chapter, each as long as a heading of the second level reaches, a link that opens an issue
 * with page, part and address filled in: a remark plugin, to run when headings have their ids. The form of
 * .github/ISSUE_TEMPLATE/question.yml gives the issue its label; a label in the address works only for those who may set
 * labels ("Creating an issue from a URL query" in GitHub's documentation).
 */
export function remarkUnclear({siteDir, repository, site}: UnclearOptions) {
  return (root: Root, document: VFile): void => {
    const file = relative(siteDir, document.path);
    if (!isChapter(file)) return;
    const frontMatter = (document.data.frontMatter ?? {}) as Record<string, unknown>;
    const page = typeof frontMatter.title === 'string' ? frontMatter.title : file;
    const address = new URL(addressOf(file, frontMatter).slice(1), site).href;
    const children: RootContent[] = [];
    let part: Heading | undefined;
    const close = (): void => {
      if (!part) return;
      const {id = explicitId(part)} = (part.data?.hProperties ?? {}) as {id?: string};
      const title = toString(part.children.filter(({type}) => type !== 'mdxTextExpression')).trim();
      const query = new URLSearchParams({
        template: 'question.yml',
        title: `Unclear: ${title}`,
        where: `${page}, “${title}”: ${address}${id === undefined ? '' : `#${id}`}`,
      });
      children.push(flowElement('Unclear', {href: `${repository}/issues/new?${query.toString()}`, part: title}, [], part));
    };
    for (const node of root.children) {
      if (node.type === 'heading' && node.depth === 2) {
        close();
        part = node;
      }
      children.push(node);
    }
    close();
    root.children = children;
  };
}
