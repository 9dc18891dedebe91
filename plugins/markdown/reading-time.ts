import path from 'node:path';
import {calculateReadingTime} from '@docusaurus/plugin-content-blog/lib/readingTime.js';
import type {ParseFrontMatter} from '@docusaurus/types';

/**
 * The prose of an MDX document: without code fences, comments, imports and tags, none of which is read word by word.
 */
export function prose(mdx: string): string {
  return mdx
    .replace(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[^\n]*$/gm, '')
    .replace(/\{\/\*[\s\S]*?\*\/\}/g, '')
    .replace(/^(import|export)\s.*$/gm, '')
    .replace(/<\/?[A-Za-z][^>]*>/g, '');
}

/** Whole minutes it takes to read a document, at least one, at the 200 words a minute that the blog counts with. */
export function readingMinutes(mdx: string, locale = 'en'): number {
  return Math.max(1, Math.ceil(calculateReadingTime(prose(mdx), locale)));
}

/**
 * Front matter parser that gives every document of `docs/` its reading time, as `reading_minutes`. Docusaurus counts
 * it for blog posts only.
 *
 * @param siteDir root of the site
 */
export function withReadingTime(siteDir: string): ParseFrontMatter {
  const docs = path.join(siteDir, 'docs') + path.sep;
  return async (params) => {
    const result = await params.defaultParseFrontMatter(params);
    if (params.filePath.startsWith(docs)) result.frontMatter.reading_minutes = readingMinutes(result.content);
    return result;
  };
}
