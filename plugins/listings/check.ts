import path from 'node:path';
import {parseMeta} from '../markdown/meta.ts';
import {findFiles, readAllFences} from '../markdown/documents.ts';
import {relative, suggest, type Problem} from '../markdown/problems.ts';
import {citesFile, resolveListing, Sources} from './listing.ts';

/** Files that are not text of a program. */
const notSource = /\.(png|jpe?g|gif|webp|ico|woff2?|gz|tgz|zip|tar|bin|exe|cast)$/i;

/**
 * Looks at all listings of all documents and all regions of all sources: what a single page cannot know.
 *
 * @param siteDir root of the site
 * @param folders folders of source files; a region there that no document shows is a problem, and so is one that wraps
 *   whole declarations of Go
 */
export async function checkListings(siteDir: string, folders: readonly string[]): Promise<Problem[]> {
  const sources = new Sources(siteDir);
  const {fences, problems} = await readAllFences(siteDir);
  const used = new Set<string>();
  const asked: string[] = [];
  const files = new Set<string>();
  for (const folder of folders) {
    for (const file of await findFiles(path.join(siteDir, folder), (name) => !notSource.test(name))) files.add(relative(siteDir, file));
  }
  for (const fence of fences) {
    if (!citesFile(fence.meta)) continue;
    const {attributes} = parseMeta(fence.meta);
    const result = await resolveListing(fence, sources);
    problems.push(...result.problems);
    if (attributes.file === undefined || attributes.region === undefined) continue;
    used.add(`${attributes.file} ${attributes.region}`);
    asked.push(attributes.region);
    if (await sources.get(attributes.file)) files.add(attributes.file);
  }
  for (const file of files) {
    const source = await sources.get(file);
    if (!source) continue;
    for (const {line, message} of source.problems) problems.push({file, line, message});
    for (const {name, start} of source.regions.values()) {
      if (used.has(`${file} ${name}`)) continue;
      problems.push({
        file,
        line: start,
        message: `region “${name}” is shown nowhere${suggest(name, asked)}; show it in a document (file=${file} region=${name}) or remove its markers`,
      });
    }
  }
  const unique = new Map(problems.map((problem) => [`${problem.file}:${problem.line}:${problem.message}`, problem]));
  return [...unique.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
