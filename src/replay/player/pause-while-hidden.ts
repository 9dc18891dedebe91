import {useEffect} from 'react';

import type {Engine} from '../engine/index.ts';

/** Pauses while the tab is hidden, and goes on when it is shown again, so that the reader misses nothing. */
export function usePauseWhileHidden(engine: Engine): void {
  useEffect(() => {
    let paused = false;
    const onChange = () => {
      if (document.hidden && engine.state.playing) {
        paused = true;
        engine.pause();
      } else if (!document.hidden && paused) {
        paused = false;
        engine.play();
      }
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, [engine]);
}
