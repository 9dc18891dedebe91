import {statSync} from 'node:fs';
import path from 'node:path';
import {installHint} from '../../browser/index.ts';
import {nothing, type Stage} from '../stage.ts';
import {runVitest} from '../vitest.ts';
import {build} from './build.ts';

/** Tests of the built site, most of them in a real browser. */
export const e2e: Stage = {
  name: 'e2e',
  summary: 'the built site in Chromium: accessibility, keyboard, no JavaScript, budgets, links, content-security policy',
  run: async (context) => {
    const {root, chromium, progress} = context;
    const made = statSync(path.join(root, 'build/index.html'), {throwIfNoEntry: false})?.mtime;
    if (!made) {
      const outcome = await build.run(context);
      if (outcome.failures.length > 0) return {...outcome, passed: 0};
    }
    const why = chromium ? 'the tests themselves say what they need' : 'there is no Chromium on this machine';
    const outcome = await runVitest(root, ['--project', 'e2e'], {why, ...(chromium ? {} : {remedy: installHint})}, progress);
    return {...nothing(), ...outcome, notes: made ? [`tested the build of ${made.toLocaleString()}`] : []};
  },
};
