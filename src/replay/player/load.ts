import {parseCast, type Cast} from '../format/index.ts';
import type {ReplayIndex} from '../index/index.ts';
import {unpackCast} from './pack.ts';
import type {Reply, Request} from './worker.ts';

export type Recording = {cast: Cast; index: ReplayIndex};

/** What the page says while it waits. `share` is 0 to 1, undefined when it cannot be known. */
export type Progress = {doing: 'loading' | 'indexing'; share?: number};

export type Source = {
  /** Address of the asciicast file. */
  cast: string;
  /** Address of the index that the build derived from it. Without one a worker makes it in the page. */
  index?: string;
};

/** Recordings from this size on are parsed in a worker: the page must not stutter. */
const workerFrom = 512 * 1024;

/**
 * Fetches a recording and its index.
 *
 * @throws Error that says what could not be loaded and why; the signal's reason when aborted
 */
export async function loadRecording(source: Source, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<Recording> {
  onProgress({doing: 'loading'});
  const [bytes, index] = await Promise.all([
    fetchBytes(source.cast, signal, (share) => onProgress({doing: 'loading', share})),
    source.index === undefined ? undefined : fetchIndex(source.index, signal),
  ]);
  if (index && bytes.length < workerFrom) return {cast: parseCast(bytes, fileName(source.cast)), index};
  return inWorker({bytes, source: fileName(source.cast), makeIndex: !index}, index, signal, onProgress);
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

async function fetchIndex(address: string, signal: AbortSignal): Promise<ReplayIndex> {
  const response = await get(address, signal);
  try {
    return (await response.json()) as ReplayIndex;
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`${fileName(address)}: this is no index of a recording`, {cause: error});
  }
}

async function fetchBytes(address: string, signal: AbortSignal, onShare: (share: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const response = await get(address, signal);
  // A compressed answer tells the length of what travels, not of what arrives here.
  const length = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length'));
  try {
    if (!response.body || !(length > workerFrom)) return new Uint8Array(await response.arrayBuffer());
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
    throw new Error(`${fileName(address)}: the connection was lost on the way`, {cause: error});
  }
}

function inWorker(
  request: Request,
  index: ReplayIndex | undefined,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Recording> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {type: 'module'});
  return new Promise<Recording>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), {once: true});
    worker.onerror = () => reject(new Error(`${request.source}: the part of the player that reads big recordings could not be started`));
    worker.onmessage = ({data}: MessageEvent<Reply>) => {
      if (data.type === 'progress') return onProgress({doing: 'indexing', share: data.done});
      if (data.type === 'failed') return reject(new Error(data.message));
      const made = data.index ?? index;
      if (!made) return reject(new Error(`${request.source}: no index was made`));
      resolve({cast: data.type === 'parsed' ? unpackCast(data.packed) : data.cast, index: made});
    };
    worker.postMessage(request, [request.bytes.buffer]);
  }).finally(() => worker.terminate());
}
