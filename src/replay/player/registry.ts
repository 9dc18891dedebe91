import type {Engine} from '../engine/index.ts';

/** The player that plays, of all on the page. */
let current: Pick<Engine, 'pause'> | undefined;

/**
 * Pauses the player that plays, if it is another, and takes its place.
 *
 * @returns a function that gives the place back; call it when this player stops
 */
export function playAlone(engine: Pick<Engine, 'pause'>): () => void {
  if (current !== engine) current?.pause();
  current = engine;
  return () => {
    if (current === engine) current = undefined;
  };
}
