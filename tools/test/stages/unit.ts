import type {Stage} from '../stage.ts';
import {runVitest} from '../vitest.ts';

/** Unit tests of everything in TypeScript. */
export const unit: Stage = {
  name: 'unit',
  summary: 'unit tests in TypeScript (vitest)',
  run: ({root, progress}) => runVitest(root, {project: 'unit'}, {why: 'the tests themselves say what they need'}, progress),
};
