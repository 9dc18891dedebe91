import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import {setUpMinutes, stageMinutes} from '../../budgets.ts';

type Step = {uses?: string; run?: string; with?: Record<string, unknown>; if?: string};
type Job = {
  'timeout-minutes'?: number;
  permissions?: Record<string, string>;
  container?: {image: string; options?: string};
  needs?: string;
  if?: string;
  steps: Step[];
  strategy?: {matrix: {node: string[]}};
};
type Workflow = {name: string; on: Record<string, unknown>; permissions?: Record<string, string>; jobs: Record<string, Job>};

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, '.github/workflows');
const texts = Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]));
const workflows = Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, parse(text) as Workflow]));
const {scripts, engines} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  engines: {node: string};
};
const workflow = (file: string): Workflow => {
  const found = workflows[file];
  if (!found) throw new Error(`.github/workflows has no ${file}`);
  return found;
};

/** What makes a Debian container one that a checkout with its history can be made in. */
const setUp = 'apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates git';
/** Steps that cannot be npm commands: before the checkout there are none, and a release is GitHub's own. */
const others = [setUp, 'gh release create "$GITHUB_REF_NAME" --verify-tag --generate-notes dist/*'];
/** What jobs may write, and no others. */
const writes: Readonly<Record<string, Record<string, string>>> = {
  'pages.yml deploy': {pages: 'write', 'id-token': 'write'},
  'release.yml publish': {contents: 'write'},
};
/** npm commands that install Debian's packages, or whose tests need them. */
const needsDebian = /^npm (test|run engines)\b/;

describe.each(Object.entries(workflows))('%s', (file, {permissions, jobs}) => {
  it('may read the contents, and each job writes no more than it must', () => {
    expect(permissions).toEqual({contents: 'read'});
    for (const [name, job] of Object.entries(jobs)) {
      const written = Object.fromEntries(Object.entries(job.permissions ?? {}).filter(([, access]) => access !== 'read'));
      expect(written).toEqual(writes[`${file} ${name}`] ?? {});
    }
  });

  it('names each action by the hash of a commit, with the version beside it', () => {
    const lines = (texts[file] ?? '').split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    expect(lines).not.toEqual([]);
    for (const line of lines) expect(line).toMatch(/uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('runs npm commands that there are', () => {
    for (const {run} of Object.values(jobs).flatMap(({steps}) => steps)) {
      if (run === undefined || others.includes(run)) continue;
      const [, script = ''] = /^npm (?:run )?([\w:]+)(?: -- [\w -]+| --no-progress)?$/.exec(run) ?? [];
      expect([run, script === 'ci' || script in scripts]).toEqual([run, true]);
    }
  });

  it('runs what needs Debian in a Debian container, made ready for the checkout', () => {
    for (const {container, steps} of Object.values(jobs)) {
      if (steps.some(({run = ''}) => needsDebian.test(run))) expect(container?.image).toBe('debian:12');
      if (container) expect(steps[0]?.run).toBe(setUp);
    }
  });

  it('ends each job after a time', () => {
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  it('leaves no credentials in a clone', () => {
    for (const {uses, with: inputs} of Object.values(jobs).flatMap(({steps}) => steps)) {
      if (uses?.startsWith('actions/checkout@')) expect(inputs).toMatchObject({'persist-credentials': false});
    }
  });
});

it('one version of an action is used everywhere', () => {
  const used = new Map<string, Set<string>>();
  for (const [, name = '', version = ''] of Object.values(texts).flatMap((text) => [...text.matchAll(/uses: ([\w/-]+)@(.+)/g)])) {
    used.set(name, (used.get(name) ?? new Set()).add(version));
  }
  expect([...used].filter(([, versions]) => versions.size > 1)).toEqual([]);
});

it('CI tests the oldest Node and each later one with long-term support', () => {
  const nodes = workflow('ci.yml').jobs.test?.strategy?.matrix.node;
  expect(nodes).toEqual(['20.19', '22', '24']);
  expect(engines.node).toBe(`>=${nodes?.[0] ?? ''}`);
});

it('what is published has passed CI, and is the commit that did', () => {
  const {on, jobs} = workflow('pages.yml');
  expect(on).toEqual({workflow_run: {workflows: [workflow('ci.yml').name], types: ['completed'], branches: ['main']}});
  expect(jobs.build?.if).toBe("github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.event == 'push'");
  expect(jobs.build?.steps[0]?.with?.ref).toBe('${{ github.event.workflow_run.head_sha }}');
  expect(jobs.deploy?.needs).toBe('build');
});

it('pull requests get the built site to look at', () => {
  const steps = workflow('ci.yml').jobs.test?.steps ?? [];
  expect(steps.find(({uses}) => uses?.startsWith('actions/upload-artifact@'))?.with).toMatchObject({name: 'site', path: 'build'});
  expect(readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8')).toContain('the artifact `site`');
});

it('every night everything is tested: all stages, the other engines, links to other sites', () => {
  const {on, jobs} = workflow('nightly.yml');
  expect(on).toHaveProperty('schedule');
  const run = Object.values(jobs).flatMap(({steps}) => steps.flatMap((step) => step.run ?? []));
  expect(run).toEqual(expect.arrayContaining(['npm test -- --fresh', 'npm run engines', 'npm run links']));
});

it.each([
  ['nightly.yml', 'engines', ['build', 'engines']],
  ['nightly.yml', 'links', ['build', 'links']],
  ['release.yml', 'build', ['go', 'release']],
] as const)('the limit of %s, %s, follows from the budgets', (file, job, parts) => {
  /** Minutes of what is not a stage of `npm test`. */
  const more: Record<string, number> = {engines: 10, links: 10, release: 10};
  const minutes = parts.reduce((sum, part) => sum + (stageMinutes[part] ?? more[part] ?? Number.NaN), setUpMinutes);
  expect(workflow(file).jobs[job]?.['timeout-minutes']).toBe(minutes);
});
