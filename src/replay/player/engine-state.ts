import {useMemo, useSyncExternalStore} from 'react';

import type {Engine, EngineState} from '../engine/index.ts';

/** The engine as a store whose state is a new object only when more than `seeking` changed, which the controls do not show. */
function shownState(engine: Engine): {subscribe: (listener: () => void) => () => void; get: () => EngineState} {
  let shown = engine.state;
  return {
    subscribe: (listener) => engine.subscribe(listener),
    get: () => {
      const {state} = engine;
      const keys = Object.keys(state) as (keyof EngineState)[];
      if (keys.some((key) => key !== 'seeking' && state[key] !== shown[key])) shown = state;
      return shown;
    },
  };
}

/** The engine's state, without a new drawing of the controls for what they do not show. */
export function useEngineState(engine: Engine): EngineState {
  const store = useMemo(() => shownState(engine), [engine]);
  return useSyncExternalStore(store.subscribe, store.get);
}
