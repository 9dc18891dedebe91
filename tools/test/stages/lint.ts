import {makeCheck} from '../check.ts';
import {commands, spelling} from '../checks/commands.ts';
import {content} from '../checks/content.ts';
import {drawings} from '../checks/diagrams.ts';
import {recordings} from '../checks/scripts.ts';
import {goChecks} from '../checks/go.ts';
import {makeFileCheck} from '../file-check.ts';
import {join, nothing, type Outcome, type Stage} from '../stage.ts';
import {projectFiles} from '../unchanged.ts';

/** Style, mistakes, accessibility, spelling: all that can be found by reading the files. */
export const lint: Stage = {
  name: 'lint',
  summary: 'Prettier, ESLint, stylelint, markdownlint, rules for prose, spelling, gofmt, go vet',
  run: async (context) => {
    const files = projectFiles(context.root);
    const outcomes: Outcome[] = [];
    for (const check of commands) outcomes.push(await makeFileCheck(check, context, files));
    for (const check of [spelling, content, drawings, recordings]) outcomes.push(await makeCheck(check, context, files));
    if (context.go.program !== null) {
      for (const check of goChecks) outcomes.push(await makeCheck(check, context, files));
    } else {
      outcomes.push({
        ...nothing(),
        skips: [{count: goChecks.length, what: 'gofmt and go vet', why: context.go.why, remedy: context.go.remedy}],
      });
    }
    return join(outcomes);
  },
};
