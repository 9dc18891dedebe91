import {useEffect} from 'react';

import type {Engine} from '../engine/index.ts';

/** The one player of the page that is playing. */
let current: Pick<Engine, 'pause'> | undefined;

/**
 * Pauses the player that is playing, unless it is this one, and takes its place.
 *
 * @returns a function that gives the place back; call it when this player stops
 */
function playAlone(engine: Pick<Engine, 'pause'>): () => void {
  if (current !== engine) current?.pause();
  current = engine;
  return () => {
    if (current === engine) current = undefined;
  };
}

/** Sees to it that at most one player of the page is playing. */
export function usePlayAlone(engine: Engine, playing: boolean): void {
  useEffect(() => (playing ? playAlone(engine) : undefined), [engine, playing]);
}
