import {useState} from 'react';

import type {Engine, EngineState} from '../engine/index.ts';

/** What a reader sets, in the bar, in the menu or by keys. */
export type Settings = {
  rate: number;
  setRate: (rate: number) => void;
  /** Seconds; `Infinity` for none. */
  idleLimit: number;
  setIdleLimit: (seconds: number) => void;
  stepMode: boolean;
  setStepMode: (on: boolean) => void;
  captions: boolean;
  toggleCaptions: () => void;
};

/** @param say told what has changed where the controls may not show it */
export function useSettings(engine: Engine, {rate, idleLimit, stepMode}: EngineState, say: (text: string) => void): Settings {
  const [captions, setCaptions] = useState(true);
  return {
    rate,
    setRate: (next) => {
      engine.setRate(next);
      say(`Speed ${next}×`);
    },
    idleLimit,
    setIdleLimit: (seconds) => engine.setIdleLimit(seconds),
    stepMode,
    setStepMode: (on) => {
      engine.setStepMode(on);
      say(on ? 'Stops after each step' : 'Plays on after each step');
    },
    captions,
    toggleCaptions: () => {
      setCaptions(!captions);
      say(captions ? 'Captions hidden' : 'Captions shown');
    },
  };
}
