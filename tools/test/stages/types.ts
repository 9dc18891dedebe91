import path from 'node:path';
import {cacheFolder} from '../../../host/cache.ts';
import {makeCheck} from '../check.ts';
import {runPackage} from '../../../host/run.ts';
import type {Stage} from '../stage.ts';
import {projectFiles} from '../unchanged.ts';

/** The types of every TypeScript file. */
export const types: Stage = {
  name: 'types',
  summary: 'TypeScript, strict, every file',
  run: async (context) =>
    makeCheck(
      {
        name: 'tsc',
        code: [import.meta.filename],
        reads: (file) => /\.(tsx?|mts|json)$/.test(file),
        problems: async ({root, fresh}) => {
          // The compiler keeps the versions of all files, packages' too, and checks again what depends on a changed one.
          const kept = fresh ? [] : ['--incremental', '--tsBuildInfoFile', path.join(cacheFolder('lint'), 'types.tsbuildinfo')];
          const {status, output} = await runPackage('typescript', ['--noEmit', '--pretty', 'false', ...kept], {cwd: root, command: 'tsc'});
          return status === 0 ? null : output;
        },
      },
      context,
      projectFiles(context.root),
    ),
};
