import {readFileSync} from 'node:fs';
import path from 'node:path';
import {format, type Problem} from '../../../plugins/markdown/problems.ts';
import {checkListings} from '../../../plugins/listings/check.ts';
import {checkPages} from '../../../plugins/markdown/pages.ts';
import {missingRecordings} from '../../../plugins/recordings/replays.ts';
import {checkContent} from '../../lint/content.ts';
import type {Check} from '../check.ts';
import {inputKey} from '../inputs.ts';
import {recall, remember} from '../unchanged.ts';

/** Reports whether a file is Markdown or MDX. */
export const isProse = (file: string): boolean => /\.mdx?$/.test(file);

/** Every folder that has a file of the project, and every file. */
function places(files: readonly string[]): Set<string> {
  const found = new Set(files);
  for (const file of files)
    for (let folder = path.posix.dirname(file); folder !== '.'; folder = path.posix.dirname(folder)) found.add(folder);
  return found;
}

/**
 * The project's own rules for prose. A link has to lead to a file of the project: what git ignores is not in anybody
 * else's clone. So the names of all files count, and each text is read again only when it or they have changed. Links,
 * listings and recordings are looked at all together, as one page names what is in another.
 */
export const content: Check = {
  name: 'content rules',
  code: [import.meta.filename],
  reads: (file) => isProse(file) || /^(?:code|static|blog|src\/pages)\//.test(file),
  facts: (_, {all}) => [...all],
  problems: async ({root, fresh}, {read, all}) => {
    const there = places(all);
    const exists = (target: string): boolean => there.has(path.posix.normalize(target).replace(/\/$/, ''));
    const problems: Problem[] = [];
    for (const file of read.filter(isProse)) {
      const key = await inputKey(root, {name: `content rules of ${file}`, code: [import.meta.filename], data: [file], facts: all});
      if (!fresh && recall(key)) continue;
      const found = checkContent(file, readFileSync(path.join(root, file), 'utf8'), exists);
      if (found.length === 0) remember(key, {passed: 1, skips: []});
      problems.push(...found);
    }
    problems.push(...(await checkPages(root)), ...(await checkListings(root, ['code'])), ...(await missingRecordings(root)));
    // What is wrong with a page may be found by more than one.
    return problems.length === 0 ? null : [...new Set(problems.map((problem) => format([problem])))].join('\n');
  },
};
