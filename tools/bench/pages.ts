import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync} from 'node:fs';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {launchBrowser} from '../../host/browser.ts';
import {cacheFolder} from '../../host/cache.ts';
import {measureBytes, measureCpu, type PageCost} from '../site/measure.ts';
import {serve} from '../site/serve.ts';
import {baseUrl, buildFolder, chapterOne, onePageOfEachKind} from '../site/pages.ts';
import {run, runPackage} from '../../host/run.ts';
import {inputKey} from '../test/inputs.ts';
import type {Bench} from './main.ts';
import {table} from './table.ts';

const help = `Usage: npm run bench -- pages [options]

Measures our pages beside those of Docusaurus's stock classic starter of the same version, each opened with an empty
cache in headless Chromium. Run npm run build first. The starter is made by create-docusaurus, built with the packages
that are installed here, and kept in the user's cache folder.

Options:
  --runs N   openings for each median of main-thread time (default 7)
  --help     show this
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
 * The built stock starter, made unless the cache has it.
 *
 * @returns folder of the built site
 * @throws Error with the output of what failed
 */
async function stockStarter(): Promise<string> {
  const docusaurus = version('@docusaurus/core');
  const key = await inputKey(root, {name: docusaurus, code: [], data: []});
  const folder = cacheFolder(`stock-${docusaurus}-${key.slice(0, 16)}`);
  const built = path.join(folder, 'site/build');
  if (existsSync(path.join(built, 'index.html'))) return built;
  rmSync(folder, {recursive: true, force: true});
  const making = `${folder}.making`;
  rmSync(making, {recursive: true, force: true});
  mkdirSync(making, {recursive: true});
  console.error(`making the stock starter of Docusaurus ${docusaurus} …`);
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
  console.error('building it …');
  const done = await runPackage('@docusaurus/core', ['build'], {cwd: site, command: 'docusaurus'});
  if (done.status !== 0) throw new Error(`the stock starter could not be built:\n${done.output}`);
  rmSync(path.join(site, 'node_modules'));
  renameSync(making, folder);
  return built;
}

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);

async function main(args: readonly string[]): Promise<void> {
  const {values} = parseArgs({args: [...args], options: {runs: {type: 'string', default: '7'}, help: {type: 'boolean', short: 'h'}}});
  if (values.help) {
    console.log(help);
    return;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: give a whole number from 1 on`);
  const stockBuild = await stockStarter();
  const [ours, stock] = [await serve(buildFolder, {baseUrl}), await serve(stockBuild)];
  const browser = await launchBrowser();
  try {
    const rows = [['page', 'site', 'JS KB', 'CSS KB', 'HTML KB', 'other KB', 'requests', 'CPU ms', 'prefetched KB']];
    for (const pair of pairs) {
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
      const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
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
      const ratio = (mine: number, theirs: number): string => (theirs === 0 ? '' : `${(mine / theirs).toFixed(2)}×`);
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
    console.log(table(rows));
  } finally {
    await browser.close();
    await Promise.all([ours.close(), stock.close()]);
  }
}

/** Our pages beside those of the stock starter. */
export const bench: Bench = {summary: "bytes, requests and main-thread time of our pages beside Docusaurus's stock starter", run: main};
