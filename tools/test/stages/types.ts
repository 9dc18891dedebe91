import {runPackage} from '../../../host/run.ts';
import {nothing, type Stage} from '../stage.ts';
import {contentKey, projectFiles, unlessUnchanged} from '../unchanged.ts';

/** Types of every TypeScript file of ours. */
export const types: Stage = {
  name: 'types',
  summary: 'TypeScript, strict, every file',
  run: async ({root, fresh}) => {
    const files = projectFiles(root).filter((file) => /\.(tsx?|mts|json)$/.test(file));
    return unlessUnchanged(await contentKey(root, files, 'types'), fresh, async () => {
      const {status, output} = await runPackage('typescript', ['--noEmit', '--pretty', 'false'], {cwd: root, command: 'tsc'});
      if (status === 0) return {...nothing(), passed: 1};
      return {...nothing(), failures: [{name: 'tsc --noEmit', output}]};
    });
  },
};
