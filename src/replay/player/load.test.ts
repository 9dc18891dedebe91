import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {parseCast} from '../format/index.ts';
import {fingerprintOf, isOf} from '../outline/fingerprint.ts';
import {twoCommands} from './fake.ts';
import {loadRecording, type Progress} from './load.ts';
import {packCast} from './pack.ts';
import type {Reply, Request} from './worker.ts';

const cast = '{"version":2,"width":80,"height":24}\n[0.5,"o","$ "]\n';
const source = {cast: '/recordings/two.cast', index: '/recordings/two.json'};

/** A server that has just these files. */
function serve(files: Record<string, () => Response | Promise<Response>>): void {
  vi.stubGlobal('fetch', (address: string, {signal}: {signal: AbortSignal}) => {
    signal.throwIfAborted();
    const file = files[address];
    return file ? Promise.resolve(file()) : Promise.resolve(new Response('', {status: 404, statusText: 'Not Found'}));
  });
}
afterEach(() => vi.unstubAllGlobals());

/** A worker in the same thread; `answer` is what it does with a request, by default what the real one does. */
class FakeWorker {
  static answer: ((request: Request) => Reply | Promise<Reply>) | undefined;
  static running = 0;
  onmessage: (event: {data: Reply}) => void = () => undefined;
  onerror: () => void = () => undefined;
  constructor() {
    FakeWorker.running++;
    if (!FakeWorker.answer) setTimeout(() => this.onerror());
  }
  postMessage(request: Request) {
    const {answer} = FakeWorker;
    if (answer)
      void Promise.resolve(request)
        .then(answer)
        .then((data) => this.onmessage({data}));
  }
  terminate() {
    FakeWorker.running--;
  }
}

const load = (abort = new AbortController(), onProgress: (progress: Progress) => void = () => undefined) =>
  loadRecording(source, abort.signal, onProgress);
const madeIndex = {...twoCommands.index, title: 'made in the worker'};
const indexOf = (text: string) => ({...twoCommands.index, madeOf: fingerprintOf(new TextEncoder().encode(text))});
const index = () => Response.json(indexOf(cast));
/** What the real worker does, without the work of making an index. */
const parsed = ({bytes, source: name, indexed}: Request): Reply => ({
  type: 'parsed',
  packed: packCast(parseCast(bytes, name))!,
  index: isOf(indexed, bytes) ? undefined : madeIndex,
});

describe('loadRecording', () => {
  it('parses the recording and takes the index as it is', async () => {
    serve({[source.cast]: () => new Response(cast), [source.index]: index});
    const recording = await load();
    expect(recording.cast.header.cols).toBe(80);
    expect(recording.cast.events).toEqual([{time: 0.5, code: 'o', data: '$ '}]);
    expect(recording.index).toEqual(indexOf(cast));
  });

  it('says which file the server does not have', async () => {
    serve({[source.index]: index});
    await expect(load()).rejects.toThrow('two.cast: the server answered 404 Not Found');
  });

  it('says that the server could not be reached', async () => {
    serve({[source.cast]: () => Promise.reject(new TypeError('Failed to fetch')), [source.index]: index});
    await expect(load()).rejects.toThrow('two.cast: the server could not be reached');
  });

  it('says where a recording is malformed', async () => {
    const text = '{"version":2,"width":80}\n';
    serve({[source.cast]: () => new Response(text), [source.index]: () => Response.json(indexOf(text))});
    await expect(load()).rejects.toThrow(/two\.cast:1: header\.height/);
  });

  it.each<[string, Record<string, () => Response | Promise<Response>>]>([
    ['is not there', {}],
    ['cannot be reached', {[source.index]: () => Promise.reject(new TypeError('Failed to fetch'))}],
    ['is a page that says so', {[source.index]: () => new Response('<!doctype html>')}],
    ['is nothing', {[source.index]: () => Response.json({})}],
    ['is null', {[source.index]: () => Response.json(null)}],
    ['is of an older recording', {[source.index]: () => Response.json(indexOf(cast.replace('$', '#')))}],
    ['does not tell what it is of', {[source.index]: () => Response.json(twoCommands.index)}],
  ])('has the index made in a worker where that of the site %s', async (_what, files) => {
    vi.stubGlobal('Worker', FakeWorker);
    FakeWorker.running = 0;
    FakeWorker.answer = parsed;
    serve({[source.cast]: () => new Response(cast), ...files});
    const recording = await load();
    expect(recording.index).toEqual(madeIndex);
    expect(recording.cast.events).toMatchObject([{time: 0.5, code: 'o', data: '$ '}]);
    expect(FakeWorker.running).toBe(0);
  });

  it('says when the connection breaks', async () => {
    vi.stubGlobal('Worker', FakeWorker);
    const broken = new ReadableStream({pull: (controller) => controller.error(new TypeError('network error'))});
    serve({[source.cast]: () => new Response(broken, {headers: {'content-length': '9999999'}}), [source.index]: index});
    await expect(load()).rejects.toThrow('two.cast: the connection was lost on the way');
  });

  describe('from a megabyte on', () => {
    const big = `{"version":2,"width":80,"height":24}\n${'[0.5,"o","sheep "]\n'.repeat(70_000)}`;
    const serveBig = (headers: HeadersInit = {'content-length': String(big.length)}) =>
      serve({[source.cast]: () => new Response(big, {headers}), [source.index]: () => Response.json(indexOf(big))});
    beforeEach(() => {
      vi.stubGlobal('Worker', FakeWorker);
      FakeWorker.running = 0;
    });

    it('parses in a worker, tells how far it is, and ends the worker', async () => {
      serveBig();
      FakeWorker.answer = parsed;
      const progress: Progress[] = [];
      const {
        cast: {events},
      } = await load(undefined, (step) => progress.push(step));
      expect(events.length).toBe(70_000);
      expect(events[69_999]?.data).toBe('sheep ');
      expect(progress.at(-1)).toEqual({doing: 'loading', share: 1});
      expect(FakeWorker.running).toBe(0);
    });

    it('does so too when the length was not known before', async () => {
      serveBig({});
      FakeWorker.answer = parsed;
      expect((await load()).cast.events.length).toBe(70_000);
    });

    it('takes a recording that could only be cloned', async () => {
      serveBig();
      FakeWorker.answer = ({bytes, source: name}) => ({type: 'cloned', cast: parseCast(bytes, name)});
      expect((await load()).cast.events.length).toBe(70_000);
    });

    it('says what the worker says', async () => {
      serveBig();
      FakeWorker.answer = () => ({type: 'failed', message: 'two.cast:7: event.time: expected a number, found null'});
      await expect(load()).rejects.toThrow('two.cast:7: event.time');
      expect(FakeWorker.running).toBe(0);
    });

    it('says when the worker cannot start', async () => {
      serveBig();
      FakeWorker.answer = undefined;
      await expect(load()).rejects.toThrow('two.cast: the part of the player that reads big recordings could not be started');
    });

    it('makes the index when the site has none', async () => {
      serveBig();
      FakeWorker.answer = parsed;
      const recording = await loadRecording({cast: source.cast}, new AbortController().signal, () => undefined);
      expect(recording.index).toEqual(madeIndex);
    });

    it('keeps the index that the site has', async () => {
      serveBig();
      FakeWorker.answer = parsed;
      expect((await load()).index).toEqual(indexOf(big));
    });
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    serve({
      [source.cast]: () =>
        new Promise((_, reject) => {
          abort.signal.addEventListener('abort', () => reject(abort.signal.reason as Error));
        }),
      [source.index]: index,
    });
    const loading = load(abort);
    abort.abort();
    await expect(loading).rejects.toThrow(expect.objectContaining({name: 'AbortError'}));
  });
});
