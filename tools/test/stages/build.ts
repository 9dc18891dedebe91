import {runPackage} from '../../../host/run.ts';
import {nothing, type Outcome, type Stage} from '../stage.ts';

/** Lines of a build's output that warn: of Docusaurus, of Rspack and of Node. */
export function warnings(output: string): string[] {
  return output.split('\n').filter((line) => /\[WARN(ING)?\]|^\s*⚠|^WARNING\b|\bWarning:|DeprecationWarning/.test(line));
}

/** The site as readers get it, built without a single warning. */
export const build: Stage = {
  name: 'build',
  summary: 'the site, built with zero warnings (broken links and anchors among them)',
  run: async ({root, progress}): Promise<Outcome> => {
    const {status, output} = await runPackage('@docusaurus/core', ['build'], {cwd: root, command: 'docusaurus', onLine: progress});
    if (status !== 0) return {...nothing(), failures: [{name: 'docusaurus build', output}]};
    const found = warnings(output);
    if (found.length > 0) return {...nothing(), passed: 1, failures: [{name: `${found.length} warnings from the build`, output}]};
    return {...nothing(), passed: 2};
  },
};
