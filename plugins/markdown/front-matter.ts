import {DEFAULT_PARSE_FRONT_MATTER} from '@docusaurus/utils';
import {suggest, type Problem} from './problems.ts';

/** Front matter as Docusaurus reads it: see "Markdown front matter" in the documentation of its docs, blog and pages. */
const common = ['title', 'description', 'keywords', 'image', 'slug', 'draft', 'unlisted', 'tags', 'last_update', 'hide_table_of_contents'];
const contents = ['toc_min_heading_level', 'toc_max_heading_level'];
const keys = {
  docs: [
    ...common,
    ...contents,
    'id',
    'hide_title',
    'sidebar_label',
    'sidebar_position',
    'sidebar_class_name',
    'sidebar_custom_props',
    'pagination_label',
    'pagination_next',
    'pagination_prev',
    'displayed_sidebar',
    'parse_number_prefixes',
    'custom_edit_url',
  ],
  blog: [...common, ...contents, 'authors', 'date', 'sidebar_label', 'custom_edit_url'],
  pages: [...common, 'wrapperClassName'],
} as const;

/** What a post may name. */
export type BlogNames = {authors: readonly string[]; tags: readonly string[]};

/** A file of YAML as an object; empty when there is nothing in it. */
export const readYaml = (text: string): Promise<Record<string, unknown>> => readFrontMatter(`---\n${text}\n---\n`);

/** The front matter of a text, read as Docusaurus reads it. @throws the YAML parser's error when it is not valid */
export const readFrontMatter = async (fileContent: string): Promise<Record<string, unknown>> =>
  (await DEFAULT_PARSE_FRONT_MATTER({filePath: '', fileContent})).frontMatter;

/** Front matter of a document and what is wrong in it. */
export async function checkFrontMatter(
  file: string,
  text: string,
  {authors, tags}: BlogNames,
): Promise<{frontMatter: Record<string, unknown>; problems: Problem[]}> {
  const lines = /^---\r?\n([^]*?)\r?\n---/.exec(text)?.[1]?.split(/\r?\n/) ?? [];
  const kind = file.startsWith('docs/') ? 'docs' : file.startsWith('blog/') ? 'blog' : 'pages';
  const problems: Problem[] = [];
  const lineOf = (key: string): number => lines.findIndex((line) => line.startsWith(`${key}:`)) + 2;
  const report = (key: string, message: string): void => void problems.push({file, line: key === '' ? 1 : lineOf(key), message});
  let frontMatter: Record<string, unknown>;
  try {
    frontMatter = await readFrontMatter(text);
  } catch (error) {
    const {mark, reason} = error as {mark?: {line?: number}; reason?: string};
    const message = `the front matter is not valid YAML: ${reason ?? String(error)}; put a text with “: ” or “#” in quotes`;
    return {frontMatter: {}, problems: [{file, line: (mark?.line ?? 0) + 1, message}]};
  }
  const known: readonly string[] = keys[kind];
  for (const key of Object.keys(frontMatter)) {
    if (known.includes(key)) continue;
    report(key, `unknown key “${key}” in the front matter${suggest(key, known) || `; ${kind} take ${known.join(', ')}`}`);
  }
  for (const key of ['title', 'description']) {
    const value = frontMatter[key];
    const isPartial = /(?:^|\/)_[^/]*$/.test(file);
    if (value === undefined ? !isPartial : typeof value !== 'string' || value.trim() === '') {
      report(value === undefined ? '' : key, `the front matter needs a ${key}, in words`);
    }
  }
  for (const key of ['slug', 'id'] as const) {
    if (frontMatter[key] !== undefined && typeof frontMatter[key] !== 'string') report(key, `${key} is not a text; put it in quotes`);
  }
  if (kind === 'blog') {
    const {date} = frontMatter;
    if (date !== undefined && (!(date instanceof Date) || Number.isNaN(date.getTime()))) {
      report(
        'date',
        `date “${typeof date === 'string' ? date : JSON.stringify(date)}” is not a day; write it as 2026-05-02, or leave it to the name of the file`,
      );
    }
    if (date === undefined) {
      const written = /^blog\/(\d{4}-\d\d-\d\d)/.exec(file)?.[1];
      if (written === undefined || !isDay(written)) {
        problems.push({file, line: 1, message: 'the name of a post begins with its day, as 2026-05-02-some-words.mdx'});
      }
    }
    for (const [key, names, where] of [
      ['authors', authors, 'blog/authors.yml'],
      ['tags', tags, 'blog/tags.yml'],
    ] as const) {
      for (const name of [frontMatter[key] ?? []].flat()) {
        if (typeof name !== 'string' || !names.includes(name)) {
          const text = typeof name === 'string' ? name : JSON.stringify(name);
          report(key, `${key}: “${text}” is not in ${where}${suggest(text, names)}; it has ${names.join(', ')}`);
        }
      }
    }
  }
  return {frontMatter, problems};
}

/** Reports whether there is such a day, which 2026-02-30 is not. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
