import {readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import {findHeadless, installHint} from '../../../host/browser.ts';
import {inputKey} from '../inputs.ts';
import {programFacts} from '../programs.ts';
import type {Stage} from '../stage.ts';
import {projectFiles, unlessUnchanged} from '../unchanged.ts';
import {runVitest} from '../vitest.ts';
import {build} from './build.ts';

/** Every file of the built site, from the root. */
const builtFiles = (root: string): string[] =>
  readdirSync(path.join(root, 'build'), {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

/** Tests of the built site, most of them in a real browser. The site that they see is the whole of what they read. */
export const e2e: Stage = {
  name: 'e2e',
  after: 'build',
  summary: 'the built site in Chromium: accessibility, keyboard, no JavaScript, budgets, links, content-security policy',
  run: async (context) => {
    const {root, chromium, fresh, progress} = context;
    const made = statSync(path.join(root, 'build/index.html'), {throwIfNoEntry: false})?.mtime;
    if (!made) {
      const outcome = await build.run(context);
      if (outcome.failures.length > 0) return {...outcome, passed: 0};
    }
    const why = chromium ? 'the tests themselves say what they need' : 'there is no Chromium on this machine';
    const inputs = {
      name: 'e2e',
      code: [import.meta.filename, 'vitest.config.mts', ...projectFiles(root).filter((file) => /^e2e\/.*\.ts$/.test(file))],
      data: builtFiles(root),
      facts: [
        programFacts(chromium),
        programFacts(findHeadless()),
        process.env.BASE_URL ?? '',
        process.env.SITE_URL ?? '',
        process.env.CI ?? '',
      ],
    };
    const outcome = await unlessUnchanged(
      () => inputKey(root, inputs),
      fresh,
      () => runVitest(root, {project: 'e2e'}, {why, ...(chromium ? {} : {remedy: installHint})}, progress),
    );
    return {...outcome, notes: made ? [`tested the build of ${made.toLocaleString()}`] : []};
  },
};
