import {build, type BuildOptions, type Metafile} from 'esbuild';
import path from 'node:path';
import {brotliCompressSync, constants} from 'node:zlib';

const root = path.resolve(import.meta.dirname, '../../..');

const common = {
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  // As the site's build has it: the package's manifest names a CommonJS file, and an ES module that is not there.
  alias: {'@xterm/headless': path.join(root, 'node_modules/@xterm/headless/lib-headless/xterm-headless.mjs')},
  define: {'process.env.NODE_ENV': '"production"'},
  absWorkingDir: root,
  outdir: 'out',
  logLevel: 'silent',
} satisfies BuildOptions;

/** Files of a bundle by their names, which are unique. */
export type Files = ReadonlyMap<string, Uint8Array>;

async function bundle(entries: Record<string, string>, options: BuildOptions = {}): Promise<{files: Files; meta: Metafile}> {
  const result = await build({...common, ...options, entryPoints: entries, write: false, metafile: true});
  const files = new Map(result.outputFiles.map((file) => [path.basename(file.path), file.contents]));
  return {files, meta: result.metafile};
}

const workerSource = 'src/replay/player/worker.ts';

/** The two pages of the bench, React and all; the worker under the name by which the player asks for it. */
export async function bundlePages(): Promise<Files> {
  const [pages, worker] = await Promise.all([
    bundle({ours: 'tools/bench/replay/ours.tsx', theirs: 'tools/bench/replay/theirs.ts'}),
    bundle({worker: workerSource}, {chunkNames: 'worker-[hash]'}),
  ]);
  const files = new Map([...pages.files, ...worker.files]);
  files.set('worker.ts', files.get('worker.js') ?? new Uint8Array());
  return files;
}

function brotli(contents: Uint8Array): number {
  return brotliCompressSync(contents, {params: {[constants.BROTLI_PARAM_QUALITY]: 11}}).length;
}

/** Bytes after brotli at its best level. */
export type ScriptSizes = {
  /** What plays a recording: the player and what it cannot do without. React is not in it: every page of the site has it. */
  ours: number;
  /** The worker that parses recordings of 1 MB and more. */
  worker: number;
  /** What only a search needs. */
  search: number;
  /** What only the help needs. */
  help: number;
  /** What only a recording without an index of the site's needs. */
  indexing: number;
  /** asciinema-player. */
  theirs: number;
};

/** Measures the scripts of both players, built by the same bundler with the same settings. */
export async function scriptSizes(): Promise<ScriptSizes> {
  const external = ['react', 'react-dom', 'react/jsx-runtime'];
  const [player, worker, theirs] = await Promise.all([
    bundle({player: 'src/replay/player/index.ts'}, {external}),
    bundle({worker: workerSource}),
    bundle({theirs: 'asciinema-player'}),
  ]);
  const cost = ({files, meta}: Awaited<ReturnType<typeof bundle>>, entry: string) => {
    const first = closure(meta, (output) => output.entryPoint === entry);
    const size = (names: Iterable<string>) =>
      [...names].filter((name) => name.endsWith('.js')).reduce((sum, name) => sum + brotli(files.get(name) ?? new Uint8Array()), 0);
    const later = (source: string) => size([...closure(meta, (output) => output.entryPoint === source)].filter((name) => !first.has(name)));
    return {first: size(first), later, rest: size([...files.keys()].filter((name) => !first.has(name)))};
  };
  const mine = cost(player, 'src/replay/player/index.ts');
  const work = cost(worker, workerSource);
  const [theirEntry] = Object.values(theirs.meta.outputs).flatMap(({entryPoint}) => entryPoint ?? []);
  return {
    ours: mine.first,
    search: mine.later('src/replay/player/Search.tsx'),
    help: mine.later('src/replay/player/Help.tsx'),
    worker: work.first,
    indexing: work.rest,
    theirs: cost(theirs, theirEntry ?? '').first,
  };
}

/** Names of the outputs that `start` picks and of all that they import at once. */
function closure(meta: Metafile, start: (output: Metafile['outputs'][string]) => boolean): Set<string> {
  const names = new Set<string>();
  const follow = (file: string) => {
    const name = path.basename(file);
    if (names.has(name)) return;
    names.add(name);
    for (const {path: imported, kind, external} of meta.outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && !external) follow(imported);
  };
  for (const [file, output] of Object.entries(meta.outputs)) if (start(output)) follow(file);
  return names;
}
