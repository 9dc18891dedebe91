import {readFileSync} from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** What one file says of others. */
type Facts = {
  /** Files of the project that it imports, for their values or for their types. */
  imports: readonly string[];
  /** Whether what it declares is known in files that do not import it. */
  everywhere: boolean;
};

/** Declarations that reach beyond the file: of globals, and of another module's types. */
const reaching = /^\s*(?:export\s+)?declare\s+(?:global|module)\b/m;
/** What makes a file a module. In a script, everything is global. */
const moduleSyntax = /^\s*(?:import|export)\b/m;

/**
 * The files of the project that decide which types a file sees: those that it imports, directly or not, also for types
 * alone, and those that declare something for everyone. A rule that asks for types can only see these, and the packages,
 * for which the lock file stands. (The closure in inputs.ts is of what runs: imports of types are not in it.)
 *
 * @param files all TypeScript and JSON files of the project, from the root
 * @returns for each of them the files that decide, itself among them
 */
export function typedClosures(root: string, files: readonly string[]): (file: string) => ReadonlySet<string> {
  const known = new Set(files);
  const options = compilerOptions(root);
  const cache = ts.createModuleResolutionCache(root, (name) => name, options);
  const facts = new Map<string, Facts>();
  const read = (file: string): Facts => {
    let found = facts.get(file);
    if (!found) facts.set(file, (found = readFacts(file)));
    return found;
  };
  const readFacts = (file: string): Facts => {
    if (!/\.(?:tsx?|mts)$/.test(file)) return {imports: [], everywhere: false};
    const text = readFileSync(path.join(root, file), 'utf8');
    const {importedFiles, referencedFiles} = ts.preProcessFile(text, true, true);
    const imports = new Set<string>();
    for (const {fileName} of importedFiles) {
      const resolved = ts.resolveModuleName(fileName, path.join(root, file), options, ts.sys, cache).resolvedModule;
      // A package, or a name that only an ambient declaration knows.
      if (!resolved || resolved.isExternalLibraryImport) continue;
      const name = path.relative(root, resolved.resolvedFileName).split(path.sep).join('/');
      if (known.has(name)) imports.add(name);
    }
    for (const {fileName} of referencedFiles) imports.add(path.posix.join(path.posix.dirname(file), fileName));
    return {imports: [...imports], everywhere: file.endsWith('.d.ts') || reaching.test(text) || !moduleSyntax.test(text)};
  };
  const reach = (from: readonly string[]): Set<string> => {
    const reached = new Set<string>();
    const left = [...from];
    for (let file = left.pop(); file !== undefined; file = left.pop()) {
      if (reached.has(file)) continue;
      reached.add(file);
      left.push(...read(file).imports);
    }
    return reached;
  };
  const common = [...reach(files.filter((file) => read(file).everywhere))];
  return (file) => new Set([...reach([file]), ...common]);
}

function compilerOptions(root: string): ts.CompilerOptions {
  const {config} = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {config?: unknown};
  return ts.parseJsonConfigFileContent(config ?? {}, {...ts.sys, readDirectory: () => []}, root).options;
}
