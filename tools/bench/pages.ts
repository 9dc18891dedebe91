import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync} from 'node:fs';
import path from 'node:path';
import {parseArgs} from 'node:util';
import type {Browser} from 'playwright-core';
import {launchBrowser} from '../../host/browser.ts';
import {cacheFolder} from '../../host/cache.ts';
import {measureBytes, measureCpu, measureTimes, type PageCost, type PageTimes} from '../site/measure.ts';
import {serve} from '../site/serve.ts';
import {baseUrl, buildFolder, chapterOne, onePageOfEachKind} from '../site/pages.ts';
import {run, runPackage} from '../../host/run.ts';
import {inputKey} from '../test/inputs.ts';
import type {Bench} from './main.ts';
import {addChapter, peerChapter, peerPage} from './peer.ts';
import {table} from './table.ts';

const help = `Usage: npm run bench -- pages [options]

Measures our pages beside those of Docusaurus's stock classic starter of the same version, each opened with an empty
cache in headless Chromium. Run npm run build first. The starter is made by create-docusaurus, built with the packages
that are installed here, and kept in the user's cache folder.

Then chapter 1 beside the same chapter on the same starter: with the theme's code blocks and its diagrams, and with
asciinema's player for the recordings. The floor is our page without its scripts.

Options:
  --runs N      openings for each median of main-thread time (default 7)
  --throttle N  how many times slower the processor is for the chapter (default 4)
  --chapter     the chapter alone
  --help        show this
`;

const root = path.resolve(import.meta.dirname, '../..');

/** Kinds of our pages, and the stock page to hold beside each. */
const pairs = [
  {kind: 'landing', stock: ''},
  {kind: 'chapter', stock: 'docs/intro/'},
  {kind: 'chapter', stock: 'docs/tutorial-basics/markdown-features/'},
  {kind: 'post', stock: 'blog/first-blog-post/'},
] as const;

const version = (name: string): string =>
  (JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')) as {version: string}).version;

/**
 * A stock starter, built, made unless the cache has it.
 *
 * @param name folder in the cache, without its version
 * @param prepare changes the starter before it is built; called when it is made
 * @param inputs what `prepare` depends on, its module and its data: a change has the starter made again
 * @returns folder of the built site
 * @throws Error with the output of what failed
 */
async function starter(
  name: string,
  prepare: (site: string) => Promise<void> | void,
  inputs: {code: readonly string[]; facts: readonly string[]} = {code: [], facts: []},
): Promise<string> {
  const docusaurus = version('@docusaurus/core');
  const key = await inputKey(root, {name: docusaurus, data: [], ...inputs});
  const folder = cacheFolder(`${name}-${docusaurus}-${key.slice(0, 16)}`);
  const built = path.join(folder, 'site/build');
  if (existsSync(path.join(built, 'index.html'))) return built;
  rmSync(folder, {recursive: true, force: true});
  const making = `${folder}.making`;
  rmSync(making, {recursive: true, force: true});
  mkdirSync(making, {recursive: true});
  console.error(`making the ${name} starter of Docusaurus ${docusaurus} …`);
  const args = [
    'exec',
    '--yes',
    '--',
    `create-docusaurus@${docusaurus}`,
    'site',
    'classic',
    '--javascript',
    '--skip-install',
    '--package-manager',
    'npm',
  ];
  // npm is a script of its own installation; on Windows its command is a batch file, which only a shell starts.
  const npm = process.env.npm_execpath;
  const made = await (npm ? run(process.execPath, [npm, ...args], {cwd: making}) : run('npm', args, {cwd: making}));
  if (made.status !== 0) throw new Error(`create-docusaurus failed:\n${made.output}`);
  const site = path.join(making, 'site');
  symlinkSync(path.join(root, 'node_modules'), path.join(site, 'node_modules'), 'junction');
  await prepare(site);
  console.error('building it …');
  const done = await runPackage('@docusaurus/core', ['build'], {cwd: site, command: 'docusaurus'});
  if (done.status !== 0) throw new Error(`the stock starter could not be built:\n${done.output}`);
  rmSync(path.join(site, 'node_modules'));
  renameSync(making, folder);
  return built;
}

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);

/** @returns the middle one of several values */
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const ratio = (mine: number, theirs: number): string => (theirs === 0 ? '' : `${(mine / theirs).toFixed(2)}×`);

/** Chapter 1 beside the same chapter on the stock starter, and beside itself without scripts: turn by turn. */
async function chapter(browser: Browser, ours: string, peer: string, {runs, throttle}: {runs: number; throttle: number}): Promise<string> {
  const costs = [await measureBytes(browser, ours), await measureBytes(browser, peer)] as const;
  const times: [PageTimes[], PageTimes[], PageTimes[]] = [[], [], []];
  for (let turn = 0; turn < runs; turn++) {
    times[0].push(await measureTimes(browser, ours, {throttle}));
    times[1].push(await measureTimes(browser, peer, {throttle}));
    times[2].push(await measureTimes(browser, ours, {throttle, withoutScripts: true}));
  }
  const [mine, theirs, floor] = times.map((openings) => {
    const of = (what: keyof PageTimes): number => median(openings.map((opening) => opening[what]));
    return {task: of('task'), script: of('script'), lcp: of('lcp'), cls: of('cls')};
  });
  if (!mine || !theirs || !floor) throw new Error('nothing was measured');
  const row = (name: string, cost: PageCost | undefined, time: PageTimes): string[] => [
    name,
    cost ? kilobytes(cost.js) : '0.0',
    cost ? String(cost.requests) : '',
    time.task.toFixed(0),
    time.script.toFixed(0),
    time.lcp.toFixed(0),
    time.cls.toFixed(3),
  ];
  return table([
    ['chapter 1', 'JS KB', 'requests', 'main thread ms', 'of it script ms', 'LCP ms', 'CLS'],
    row('ours', costs[0], mine),
    row('stock peer', costs[1], theirs),
    [
      'ratio',
      ratio(costs[0].js, costs[1].js),
      ratio(costs[0].requests, costs[1].requests),
      ratio(mine.task, theirs.task),
      ratio(mine.script, theirs.script),
      ratio(mine.lcp, theirs.lcp),
      ratio(mine.cls, theirs.cls),
    ],
    row('floor: ours without scripts', undefined, floor),
    ['ours / floor', '', '', ratio(mine.task, floor.task), '', ratio(mine.lcp, floor.lcp), ''],
  ]);
}

async function main(args: readonly string[]): Promise<void> {
  const {values} = parseArgs({
    args: [...args],
    options: {
      runs: {type: 'string', default: '7'},
      throttle: {type: 'string', default: '4'},
      chapter: {type: 'boolean', default: false},
      help: {type: 'boolean', short: 'h'},
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: give a whole number from 1 on`);
  const throttle = Number(values.throttle);
  if (!(throttle >= 1)) throw new Error(`--throttle ${values.throttle}: give a number from 1 on`);
  const peerBuild = await starter('peer', addChapter, {code: ['tools/bench/peer.ts'], facts: [await peerChapter()]});
  const stockBuild = values.chapter ? peerBuild : await starter('stock', () => undefined);
  const [ours, stock, peer] = [await serve(buildFolder, {baseUrl}), await serve(stockBuild), await serve(peerBuild)];
  const browser = await launchBrowser();
  try {
    const rows = [['page', 'site', 'JS KB', 'CSS KB', 'HTML KB', 'other KB', 'requests', 'CPU ms', 'prefetched KB']];
    for (const pair of values.chapter ? [] : pairs) {
      const page = pair.kind === 'chapter' ? chapterOne() : onePageOfEachKind().find(({kind}) => kind === pair.kind);
      if (!page) throw new Error(`the built site has no ${pair.kind} page`);
      const urls = [ours.url + page.path, stock.url + pair.stock] as const;
      const costs: [PageCost, PageCost] = [await measureBytes(browser, urls[0]), await measureBytes(browser, urls[1])];
      // Turn by turn, so that a machine that slows down slows both down.
      const samples: [number[], number[]] = [[], []];
      for (let turn = 0; turn < runs; turn++) {
        samples[0].push(await measureCpu(browser, urls[0], 1));
        samples[1].push(await measureCpu(browser, urls[1], 1));
      }
      const cpu = [median(samples[0]), median(samples[1])] as const;
      const cells = ({js, css, html, other, requests, prefetched}: PageCost, time: number): string[] => [
        kilobytes(js),
        kilobytes(css),
        kilobytes(html),
        kilobytes(other),
        String(requests),
        time.toFixed(0),
        kilobytes(prefetched),
      ];
      const [mine, theirs] = costs;
      rows.push([`/${page.path}`, 'ours', ...cells(mine, cpu[0])], [`/${pair.stock}`, 'stock', ...cells(theirs, cpu[1])]);
      rows.push([
        '',
        'ratio',
        ratio(mine.js, theirs.js),
        ratio(mine.css, theirs.css),
        ratio(mine.html, theirs.html),
        ratio(mine.other, theirs.other),
        ratio(mine.requests, theirs.requests),
        ratio(cpu[0], cpu[1]),
        ratio(mine.prefetched, theirs.prefetched),
      ]);
    }
    console.log(
      `Docusaurus ${version('@docusaurus/core')}, Node ${process.version}, Chromium ${browser.version()}. Sizes are brotli-compressed; CPU is the median of ${runs}.\n`,
    );
    if (rows.length > 1) console.log(`${table(rows)}\n`);
    console.log(`The chapter on a processor ${throttle} times slower, medians of ${runs}, turn by turn.\n`);
    console.log(await chapter(browser, ours.url + chapterOne().path, peer.url + peerPage, {runs, throttle}));
  } finally {
    await browser.close();
    await Promise.all([ours.close(), stock.close(), peer.close()]);
  }
}

/** Our pages beside those of the stock starter. */
export const bench: Bench = {summary: "bytes, requests and main-thread time of our pages beside Docusaurus's stock starter", run: main};
