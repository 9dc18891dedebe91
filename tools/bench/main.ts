import path from 'node:path';

/** A comparison, measured in one run on one machine, that prints a table. */
export type Bench = {
  /** What it measures, in a line, for `--help`. */
  summary: string;
  /** @param args what follows the bench's name on the command line */
  run: (args: readonly string[]) => Promise<void>;
};

/** The benches by name, each loaded when it is run. */
const benches: Readonly<Record<string, () => Promise<{bench: Bench}>>> = {
  pages: () => import('./pages.ts'),
  replay: () => import('./replay.ts'),
  sheep: () => import('./sheep.ts'),
  vm: () => import('./vm.ts'),
};

async function help(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(benches).map(async ([name, load]) => `  ${name.padEnd(10)}${(await load()).bench.summary}`),
  );
  return `Usage: npm run bench -- NAME [options]\n\nBenches:\n${lines.join('\n')}\n\nnpm run bench -- NAME --help lists the options of one.\n`;
}

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(await help());
    process.exitCode = name === undefined ? 2 : 0;
    return;
  }
  const load = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!load) {
    console.error(`bench ${name}: there is no such bench; there are ${Object.keys(benches).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  await (await load()).bench.run(rest);
}

if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
