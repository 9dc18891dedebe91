import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {parseArgs} from 'node:util';
import type {Browser, Page} from 'playwright-core';

import {parseCast} from '../../src/replay/format/index.ts';
import {buildIndex, fingerprintOf} from '../../src/replay/outline/index.ts';
import {launchBrowser} from '../../host/browser.ts';
import type {Bench} from './main.ts';
import {bundlePages, scriptSizes, type Files, type ScriptSizes} from './replay/bundle.ts';
import {makeCast, type Landmark, type MadeCast} from './replay/cast.ts';
import {table} from './table.ts';

const help = `Usage: npm run bench -- replay [options]

Measures our player beside asciinema-player, in one run of headless Chromium, with the same recordings: made up, seeded,
100 × 30, of the mix that shell sessions are. Our player gets the index that the site's build derives, as on the site.
Times are milliseconds from the call to the painted frame in which the right text is on the screen.

Options:
  --sizes LIST   megabytes of the recordings (default 1,10,50)
  --runs N       rounds of seeks per recording and player (default 5)
  --seed N       seed of the recordings (default 1)
  --json         print the figures as JSON
  --help         show this
`;

const players = ['ours', 'theirs'] as const;
type PlayerName = (typeof players)[number];

/** Milliseconds of each seek of a kind; bytes of memory. */
type Measured = {firstFrame: number; seeks: {from: number; to: number; ms: number}[]; nearEnd: number[]; memory: number};

/** p50 and p95. */
type Spread = {p50: number; p95: number};

type Row = {
  megabytes: number;
  events: number;
  seconds: number;
  keyframes: number;
  indexBytes: number;
  firstFrame: Record<PlayerName, number>;
  /** All seeks: 0 → 25 → 50 → 75 → 100 → 75 → 50 → 25 → 0 %. */
  seek: Record<PlayerName, Spread>;
  /** To a later moment. */
  forward: Record<PlayerName, Spread>;
  /** To an earlier moment. */
  backward: Record<PlayerName, Spread>;
  /** Ten seconds back from the end. */
  nearEnd: Record<PlayerName, Spread>;
  memory: Record<PlayerName, number>;
};

type Results = {chromium: string; node: string; runs: number; seed: number; script: ScriptSizes; rows: Row[]};

/** Serves what the pages need. Isolated, since only then does Chromium tell how much memory a page has. */
async function serveFiles(files: Files): Promise<{url: string; close: () => void}> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    const page = players.find((player) => name === `${player}.html`);
    const styles = page && files.has(`${page}.css`) ? `<link rel="stylesheet" href="${page}.css">` : '';
    const body = page
      ? `<!doctype html><meta charset="utf-8">${styles}<body><script type="module" src="${page}.js"></script>`
      : files.get(name);
    if (body === undefined) return response.writeHead(404).end();
    const type = page
      ? 'text/html'
      : name.endsWith('.css')
        ? 'text/css'
        : /\.[jt]s$/.test(name)
          ? 'text/javascript'
          : 'application/octet-stream';
    response.writeHead(200, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The landmark nearest to a share of the recording that has not been used yet: a text that is there already proves nothing. */
function chooser(cast: MadeCast): (seconds: number) => Landmark {
  const left = [...cast.landmarks];
  return (seconds) => {
    let best = 0;
    for (const [i, {time}] of left.entries()) if (Math.abs(time - seconds) < Math.abs((left[best]?.time ?? 0) - seconds)) best = i;
    const [landmark] = left.splice(best, 1);
    if (!landmark) throw new Error('the recording is too short for so many rounds: give fewer --runs or larger --sizes');
    return landmark;
  };
}

/** Just after the event, so that both players count it as past. */
const after = ({time}: Landmark): number => time + 0.005;

async function measure(page: Page, url: string, player: PlayerName, name: string, cast: MadeCast, runs: number): Promise<Measured> {
  await page.goto(`${url}${player}.html`);
  await page.waitForFunction(() => 'benchPage' in window);
  const [first] = cast.landmarks;
  if (!first) throw new Error('a recording without landmarks');
  const firstFrame = await page.evaluate(([cast, index, text]) => window.benchPage.start(cast, index, text), [
    `${name}.cast`,
    `${name}.json`,
    first.text,
  ] as const);
  await page.evaluate(() => window.benchPage.pause());
  const choose = chooser({...cast, landmarks: cast.landmarks.slice(1)});
  const seek = async (landmark: Landmark) => {
    // Seeks come at any moment between two frames, as a reader's do.
    await page.waitForTimeout(30 + Math.random() * 20);
    return page.evaluate(([time, text]) => window.benchPage.seek(time, text), [after(landmark), landmark.text] as const);
  };
  const seeks: Measured['seeks'] = [];
  const nearEnd: number[] = [];
  // The first round warms both up: code is compiled as it is used.
  for (let run = -1; run < runs; run++) {
    let from = 0;
    for (const share of [0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0]) {
      const ms = await seek(choose(share * cast.duration));
      if (run >= 0) seeks.push({from, to: share, ms});
      from = share;
    }
    await seek(choose(cast.duration));
    const ms = await seek(choose(cast.duration - 10));
    if (run >= 0) nearEnd.push(ms);
  }
  const memory = await page.evaluate(async () => {
    const {measureUserAgentSpecificMemory: measureMemory} = performance as unknown as {
      measureUserAgentSpecificMemory: () => Promise<{bytes: number}>;
    };
    return (await measureMemory.call(performance)).bytes;
  });
  return {firstFrame, seeks, nearEnd, memory};
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {p50: at(0.5), p95: at(0.95)};
}

async function measureSize(browser: Browser, files: Files, megabytes: number, runs: number, seed: number): Promise<Row> {
  const cast = makeCast(megabytes * 1e6, seed);
  console.error(`${megabytes} MB: ${cast.events} events, ${Math.round(cast.duration / 60)} minutes; making the index …`);
  const bytes = new TextEncoder().encode(cast.file);
  const index = {madeOf: fingerprintOf(bytes), ...(await buildIndex(parseCast(bytes, `${megabytes}.cast`)))};
  const json = new TextEncoder().encode(JSON.stringify(index));
  const served = await serveFiles(new Map([...files, [`${megabytes}.cast`, bytes], [`${megabytes}.json`, json]]));
  try {
    const measured: Partial<Record<PlayerName, Measured>> = {};
    for (const player of players) {
      console.error(`${megabytes} MB: ${player === 'ours' ? 'our player' : 'asciinema-player'} …`);
      // A page of its own, so that neither finds the other's leftovers.
      const context = await browser.newContext({viewport: {width: 1280, height: 900}});
      try {
        measured[player] = await measure(await context.newPage(), served.url, player, String(megabytes), cast, runs);
      } finally {
        await context.close();
      }
    }
    const {ours, theirs} = measured;
    if (!ours || !theirs) throw new Error('nothing was measured');
    const both = <T>(of: (measured: Measured) => T): Record<PlayerName, T> => ({ours: of(ours), theirs: of(theirs)});
    return {
      megabytes,
      events: cast.events,
      seconds: cast.duration,
      keyframes: index.keyframes.length,
      indexBytes: json.length,
      firstFrame: both(({firstFrame}) => firstFrame),
      seek: both(({seeks}) => spread(seeks.map(({ms}) => ms))),
      forward: both(({seeks}) => spread(seeks.filter(({from, to}) => to > from).map(({ms}) => ms))),
      backward: both(({seeks}) => spread(seeks.filter(({from, to}) => to < from).map(({ms}) => ms))),
      nearEnd: both(({nearEnd}) => spread(nearEnd)),
      memory: both(({memory}) => memory),
    };
  } finally {
    served.close();
  }
}

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);

function print({script, rows, runs, seed, chromium, node}: Results): void {
  console.log(`Chromium ${chromium}, Node ${node}; seed ${seed}, ${runs} rounds of seeks. ms to the painted frame; p50 / p95.\n`);
  const ratio = (ours: number, theirs: number) =>
    ours < theirs ? `${(theirs / ours).toFixed(1)}× less` : `${(ours / theirs).toFixed(1)}× more`;
  const lines: string[][] = [['', 'ours', 'asciinema-player', 'ours is']];
  const add = (what: string, ours: number, theirs: number, text: (value: number) => string) =>
    lines.push([what, text(ours), text(theirs), ratio(ours, theirs)]);
  const addSpread = (what: string, {ours, theirs}: Record<PlayerName, Spread>) => {
    const text = ({p50, p95}: Spread) => `${p50.toFixed(1)} / ${p95.toFixed(1)}`;
    lines.push([what, text(ours), text(theirs), ratio(ours.p50, theirs.p50)]);
  };
  add('script to play, KB br', script.ours + script.worker, script.theirs, kilobytes);
  for (const row of rows) {
    const size = `${row.megabytes} MB`;
    add(`${size}: load to first frame, ms`, row.firstFrame.ours, row.firstFrame.theirs, (ms) => ms.toFixed(0));
    addSpread(`${size}: seek 0…100 % and back`, row.seek);
    addSpread(`${size}: forward seek`, row.forward);
    addSpread(`${size}: backward seek`, row.backward);
    addSpread(`${size}: back 10 s from the end`, row.nearEnd);
    add(`${size}: memory, MB`, row.memory.ours, row.memory.theirs, (bytes) => (bytes / 1e6).toFixed(1));
  }
  console.log(table(lines));
  console.log(
    `\nOur script: player ${kilobytes(script.ours)} KB + worker for recordings from 1 MB on ${kilobytes(script.worker)} KB; only for search ${kilobytes(script.search)} KB, ` +
      `only for the help ${kilobytes(script.help)} KB, only for recordings that the site has no index of ${kilobytes(script.indexing)} KB. React is not counted: the pages have it.`,
  );
  for (const row of rows) {
    console.log(
      `${row.megabytes} MB: ${row.events} events, ${(row.seconds / 60).toFixed(0)} minutes; index ${kilobytes(row.indexBytes)} KB with ${row.keyframes} keyframes (${((row.indexBytes / row.megabytes) * 1e-4).toFixed(1)} %).`,
    );
  }
}

async function main(args: readonly string[]): Promise<void> {
  const {values} = parseArgs({
    args: [...args],
    options: {
      sizes: {type: 'string', default: '1,10,50'},
      runs: {type: 'string', default: '5'},
      seed: {type: 'string', default: '1'},
      json: {type: 'boolean', default: false},
      help: {type: 'boolean', short: 'h'},
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const sizes = values.sizes.split(',').map(Number);
  const runs = Number(values.runs);
  const seed = Number(values.seed);
  if (!sizes.every((size) => size > 0 && size <= 60))
    throw new Error(`--sizes ${values.sizes}: give megabytes above 0 and up to 60, such as 1,10,50`);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: give a whole number from 1 on`);
  if (!Number.isInteger(seed)) throw new Error(`--seed ${values.seed}: give a whole number`);
  const [files, script] = await Promise.all([bundlePages(), scriptSizes()]);
  const browser = await launchBrowser({args: ['--enable-blink-features=ForceEagerMeasureMemory']});
  try {
    const rows: Row[] = [];
    for (const megabytes of sizes) rows.push(await measureSize(browser, files, megabytes, runs, seed));
    const results: Results = {chromium: browser.version(), node: process.version, runs, seed, script, rows};
    if (values.json) console.log(JSON.stringify(results, undefined, 2));
    else print(results);
  } finally {
    await browser.close();
  }
}

/** Our player beside asciinema-player. */
export const bench: Bench = {summary: 'script, first frame, seeks and memory of the player beside asciinema-player', run: main};
