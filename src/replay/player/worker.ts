/// <reference lib="webworker" />
import {CastWorkError, parseCast} from '../format/index.ts';
import type {Cast} from '../format/index.ts';
import {isOf} from '../outline/fingerprint.ts';
import type {Fingerprint, ReplayIndex} from '../outline/index.ts';
import {packCast, transferables, type PackedCast} from './pack.ts';

/** A recording to parse, and to index unless the site's index is of it. */
export type Request = {
  bytes: Uint8Array<ArrayBuffer>;
  source: string;
  /** What the site's index was made of. */
  indexed: Fingerprint | undefined;
};

export type Reply =
  | {type: 'progress'; done: number}
  | {type: 'parsed'; packed: PackedCast; index?: ReplayIndex}
  | {type: 'cloned'; cast: Cast; index?: ReplayIndex}
  | {type: 'failed'; message: string};

declare const self: DedicatedWorkerGlobalScope;

async function answer({bytes, source, indexed}: Request): Promise<void> {
  const send = (reply: Reply, transfer: Transferable[] = []) => self.postMessage(reply, transfer);
  try {
    const cast = parseCast(bytes, source);
    let index: ReplayIndex | undefined;
    if (!isOf(indexed, bytes)) {
      const {buildIndex} = await import('../outline/index.ts');
      index = await buildIndex(cast, {onProgress: (done) => send({type: 'progress', done})});
    }
    const packed = packCast(cast);
    if (packed) send({type: 'parsed', packed, index}, transferables(packed));
    else send({type: 'cloned', cast, index});
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send({type: 'failed', message: error instanceof CastWorkError ? `${source}: ${message}` : message});
  }
}

self.onmessage = ({data}: MessageEvent<Request>) => void answer(data);
