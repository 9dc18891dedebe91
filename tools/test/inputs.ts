import {build} from 'esbuild';
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import path from 'node:path';

/** All that decides the result of a check. Whatever is missing here, a pass is remembered for too long. */
export type Inputs = {
  /** Name of the check, and whatever else sets it apart from others with the same files. */
  name: string;
  /** Files in which the check's own code begins, absolute or from the root. What they import counts too. */
  code: readonly string[];
  /** Files that the check reads as it runs, from the root. One that is not there counts as such. */
  data: readonly string[];
  /** Versions of the programs that it runs, settings of the environment and the like. */
  facts?: readonly string[];
};

/** What decides how any code of the project runs: the installed packages, how TypeScript is read, what git ignores. */
const everywhere = ['package.json', 'package-lock.json', 'node_modules/.package-lock.json', 'tsconfig.json', '.gitignore'];

const closures = new Map<string, Promise<string[]>>();

/**
 * The files that some files import, directly or not, and those files themselves. Packages of `node_modules` are left
 * out: the lock files stand for them. An import by a name that is computed at run time cannot be seen, nor can a program
 * that is started: such files are to be named as well.
 *
 * @param entries absolute, or from the root
 * @returns paths from the root, with `/`, sorted
 * @throws Error when a file cannot be read or an import leads nowhere
 */
export function importClosure(root: string, entries: readonly string[]): Promise<string[]> {
  const id = [root, ...entries].join('\0');
  let closure = closures.get(id);
  if (!closure) closures.set(id, (closure = readClosure(root, entries)));
  return closure;
}

async function readClosure(root: string, entries: readonly string[]): Promise<string[]> {
  if (entries.length === 0) return [];
  const {metafile} = await build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => path.resolve(root, entry)),
    outdir: path.join(root, 'build'),
    write: false,
    bundle: true,
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    // Node runs an imported module whether or not anything in it is used.
    treeShaking: false,
    ignoreAnnotations: true,
    tsconfigRaw: {compilerOptions: {verbatimModuleSyntax: true, paths: {'@site/*': ['./*']}}},
  });
  return Object.keys(metafile.inputs).sort();
}

/** Hash of a file's content; of its absence when it cannot be read. */
function fileHash(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return 'absent';
  }
}

/**
 * Hash of all that decides a check's result: the same key means the same result.
 *
 * @throws Error as {@link importClosure} does
 */
export async function inputKey(root: string, {name, code, data, facts = []}: Inputs): Promise<string> {
  const hash = createHash('sha256');
  for (const text of [name, process.version, process.platform, process.arch, ...facts]) hash.update(`${text}\0`);
  const files = new Set([...everywhere, ...(await importClosure(root, code)), ...data]);
  for (const file of [...files].sort()) hash.update(`${file}\0${fileHash(path.join(root, file))}\0`);
  return hash.digest('hex');
}

/**
 * A key for each of some files that are checked one by one: the same key means the same result for that file.
 *
 * @param inputs what decides the results of all of them
 * @param files from the root
 * @param others files that decide the result of a file besides itself, by its path
 */
export async function fileKeys(
  root: string,
  inputs: Inputs,
  files: readonly string[],
  others: (file: string) => Iterable<string> = () => [],
): Promise<Map<string, string>> {
  const shared = await inputKey(root, inputs);
  const hashes = new Map<string, string>();
  const hashOf = (file: string): string => {
    let found = hashes.get(file);
    if (found === undefined) hashes.set(file, (found = fileHash(path.join(root, file))));
    return found;
  };
  return new Map(
    files.map((file) => {
      const hash = createHash('sha256').update(`${shared}\0${file}\0`);
      for (const name of [...new Set([file, ...others(file)])].sort()) hash.update(`${name}\0${hashOf(name)}\0`);
      return [file, hash.digest('hex')];
    }),
  );
}
