import {parseCast, type Cast} from '../format/index.ts';
import {isIndex, isOf} from '../outline/fingerprint.ts';
import type {ReplayIndex} from '../outline/index.ts';
import {unpackCast} from './pack.ts';
import type {Reply, Request} from './worker.ts';

export type Recording = {cast: Cast; index: ReplayIndex};

/** What the page says while it waits. `share` is 0 to 1, undefined when it cannot be known. */
export type Progress = {doing: 'loading' | 'indexing'; share?: number};

export type Source = {
  /** Address of the asciicast file. */
  cast: string;
  /**
   * Address of the index that the build derived from it. Without one, and where it cannot be had or is of another file,
   * as one that a cache has kept may be, a worker makes it in the page.
   */
  index?: string;
};

/** Recordings of this many bytes and more are parsed in a worker: the page must not stutter. */
const workerFrom = 2 ** 20;

/**
 * Fetches a recording and its index.
 *
 * @throws Error that says what could not be loaded and why; the signal's reason when aborted
 */
export async function loadRecording(source: Source, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<Recording> {
  onProgress({doing: 'loading'});
  const name = fileName(source.cast);
  let worker: ParsingWorker | undefined;
  try {
    const fetching = source.index === undefined ? undefined : fetchIndex(source.index, signal);
    // It is waited for last; that it was given up must not go unheard before.
    fetching?.catch(() => undefined);
    const response = await get(source.cast, signal);
    // A compressed answer tells the length of what travels, not of what arrives here.
    const length = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length'));
    // The worker starts while the recording is on its way.
    if (!fetching || length >= workerFrom) worker = new ParsingWorker(name);
    const bytes = await readBytes(response, name, length, signal, (share) => onProgress({doing: 'loading', share}));
    const index = await fetching;
    if (index && bytes.length < workerFrom && isOf(index.madeOf, bytes)) return {cast: parseCast(bytes, name), index};
    worker ??= new ParsingWorker(name);
    return await worker.parse({bytes, source: name, indexed: index?.madeOf}, index, signal, onProgress);
  } finally {
    worker?.stop();
  }
}

/** Last part of an address: what a reader knows the file as. */
export function fileName(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1);
}

async function get(address: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, {signal});
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`${fileName(address)}: the server could not be reached`, {cause: error});
  }
  if (!response.ok) throw new Error(`${fileName(address)}: the server answered ${response.status} ${response.statusText}`.trim());
  return response;
}

/** The index at an address; undefined where there is none. */
async function fetchIndex(address: string, signal: AbortSignal): Promise<ReplayIndex | undefined> {
  try {
    const response = await get(address, signal);
    const index: unknown = await response.json();
    return isIndex(index) ? index : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** @param length of the body, in bytes; 0 when it is not known */
async function readBytes(
  response: Response,
  source: string,
  length: number,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    if (!response.body || !(length >= workerFrom)) return new Uint8Array(await response.arrayBuffer());
    const bytes = new Uint8Array(length);
    let end = 0;
    const reader = response.body.getReader();
    for (;;) {
      const {done, value} = await reader.read();
      if (done) break;
      if (end + value.length > length) throw new Error('more bytes than announced');
      bytes.set(value, end);
      end += value.length;
      onShare(end / length);
    }
    return end === length ? bytes : bytes.slice(0, end);
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`${source}: the connection was lost on the way`, {cause: error});
  }
}

/** The worker that parses, and indexes, recordings. */
class ParsingWorker {
  private readonly worker = new Worker(new URL('./worker.ts', import.meta.url), {type: 'module'});
  /** Rejects when the worker cannot start, which may be before there is anything for it to do. */
  private readonly broken: Promise<never>;

  constructor(source: string) {
    this.broken = new Promise((_, reject) => {
      this.worker.onerror = () => reject(new Error(`${source}: the part of the player that reads big recordings could not be started`));
    });
    this.broken.catch(() => undefined);
  }

  parse(
    request: Request,
    index: ReplayIndex | undefined,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<Recording> {
    const answer = new Promise<Recording>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), {once: true});
      this.worker.onmessage = ({data}: MessageEvent<Reply>) => {
        if (data.type === 'progress') return onProgress({doing: 'indexing', share: data.done});
        if (data.type === 'failed') return reject(new Error(data.message));
        const made = data.index ?? index;
        if (!made) return reject(new Error(`${request.source}: no index was made`));
        resolve({cast: data.type === 'parsed' ? unpackCast(data.packed) : data.cast, index: made});
      };
      this.worker.postMessage(request, [request.bytes.buffer]);
    });
    return Promise.race([answer, this.broken]);
  }

  stop(): void {
    this.worker.terminate();
  }
}
