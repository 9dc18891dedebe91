import {afterEach, describe, expect, it, vi} from 'vitest';

import {twoCommands} from './fake.ts';
import {loadRecording, type Progress} from './load.ts';

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

const load = (abort = new AbortController(), onProgress: (progress: Progress) => void = () => undefined) =>
  loadRecording(source, abort.signal, onProgress);
const index = () => Response.json(twoCommands.index);

describe('loadRecording', () => {
  it('parses the recording and takes the index as it is', async () => {
    serve({[source.cast]: () => new Response(cast), [source.index]: index});
    const recording = await load();
    expect(recording.cast.header.cols).toBe(80);
    expect(recording.cast.events).toEqual([{time: 0.5, code: 'o', data: '$ '}]);
    expect(recording.index).toEqual(twoCommands.index);
  });

  it('says which file the server does not have', async () => {
    serve({[source.index]: index});
    await expect(load()).rejects.toThrow('two.cast: the server answered 404 Not Found');
    serve({[source.cast]: () => new Response(cast)});
    await expect(load()).rejects.toThrow('two.json: the server answered 404 Not Found');
  });

  it('says that the server could not be reached', async () => {
    serve({[source.cast]: () => Promise.reject(new TypeError('Failed to fetch')), [source.index]: index});
    await expect(load()).rejects.toThrow('two.cast: the server could not be reached');
  });

  it('says where a recording is malformed', async () => {
    serve({[source.cast]: () => new Response('{"version":2,"width":80}\n'), [source.index]: index});
    await expect(load()).rejects.toThrow(/two\.cast:1: header\.height/);
  });

  it('says when the index is none', async () => {
    serve({[source.cast]: () => new Response(cast), [source.index]: () => new Response('<!doctype html>')});
    await expect(load()).rejects.toThrow('two.json: this is no index of a recording');
  });

  it('says when the connection breaks', async () => {
    const broken = new ReadableStream({pull: (controller) => controller.error(new TypeError('network error'))});
    serve({[source.cast]: () => new Response(broken, {headers: {'content-length': '9999999'}}), [source.index]: index});
    await expect(load()).rejects.toThrow('two.cast: the connection was lost on the way');
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
