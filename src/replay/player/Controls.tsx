import {useCallback, useId, useRef, useState, type ReactNode} from 'react';

import type {Engine} from '../engine/index.ts';
import {Captions} from '../figure/index.ts';
import {commandAt, frameTime, nextRate} from './actions.ts';
import {Bar} from './Bar.tsx';
import {useEngineState} from './engine-state.ts';
import {useFullScreen} from './full-screen.ts';
import {useKeys} from './keyboard.ts';
import type {Action} from './keymap.ts';
import type {Recording} from './load.ts';
import {Menu} from './Menu.tsx';
import {useNotice} from './notice.ts';
import styles from './notice.module.css';
import {OnDemand} from './OnDemand.tsx';
import type {Open} from './open.ts';
import {usePauseWhileHidden} from './pause-while-hidden.ts';
import {usePlayAlone} from './play-alone.ts';
import {usePressOutside} from './press-outside.ts';
import {useSettings} from './settings.ts';
import {Slider} from './Slider.tsx';
import {StepCaption} from './StepCaption.tsx';

type Props = {
  engine: Engine;
  recording: Recording;
  name: string;
  title: string;
  castUrl: string;
  root: HTMLElement;
  viewport: HTMLElement;
};

/** The controls of a loaded recording, and what keys do while the focus is in the player. */
export function Controls({engine, recording, name, title, castUrl, root, viewport}: Props): ReactNode {
  const state = useEngineState(engine);
  const {time, duration, playing, step} = state;
  const {steps} = engine;
  const [open, setOpen] = useState<Open>();
  const [notice, say] = useNotice();
  const settings = useSettings(engine, state, say);
  const [full, toggleFullScreen] = useFullScreen(root, say);
  const id = useId();
  const menuButton = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  usePlayAlone(engine, playing);
  usePauseWhileHidden(engine);

  const command = commandAt(recording.index, time);
  const toggle = useCallback(() => (engine.state.playing ? engine.pause() : engine.play()), [engine]);
  const seek = useCallback((to: number) => engine.seek(Math.min(engine.state.duration, Math.max(0, to))), [engine]);
  const show = (what: Open) => setOpen((now) => (now === what ? undefined : what));
  const close = () => {
    setOpen(undefined);
    (open === 'more' ? menuButton.current : viewport)?.focus();
  };

  const perform = (action: Action) => {
    switch (action.type) {
      case 'toggle':
        return toggle();
      case 'seekBy':
        return seek(time + action.seconds);
      case 'seekByShare':
        return seek(time + action.share * duration);
      case 'seekToShare':
        return seek(action.share * duration);
      case 'frameBack':
      case 'frameForward':
        if (!playing) seek(frameTime(recording.cast, time, action.type === 'frameForward' ? 1 : -1));
        return;
      case 'previousStep':
        return engine.previousStep();
      case 'nextStep':
        return engine.nextStep();
      case 'slower':
        return settings.setRate(nextRate(settings.rate, -1));
      case 'faster':
        return settings.setRate(nextRate(settings.rate, 1));
      case 'stepMode':
        return settings.setStepMode(!settings.stepMode);
      case 'captions':
        return settings.toggleCaptions();
      case 'pan':
        return viewport.scrollBy({left: action.columns * cellWidth(viewport)});
      case 'fullScreen':
        return toggleFullScreen();
      case 'search':
      case 'help':
        return show(action.type);
    }
  };
  useKeys(root, open !== undefined, perform, close);
  usePressOutside(open === 'more', [menuButton, menu], () => setOpen(undefined));

  return (
    <>
      <Captions steps={steps} hidden={!settings.captions}>
        <StepCaption steps={steps} step={step} />
      </Captions>
      <Slider {...{time, duration, steps, step}} onSeek={seek} />
      <Bar {...{engine, state, settings, title, full, toggleFullScreen, toggle, open, show}} menuId={`${id}more`} menuButton={menuButton} />
      {open === 'more' && (
        <Menu
          {...{settings, command, name, time, castUrl, say}}
          id={`${id}more`}
          ref={menu}
          noSteps={steps.length === 0}
          onHelp={() => show('help')}
        />
      )}
      {open === 'search' && <OnDemand load={loadSearch} props={{recording, viewport, seek, onClose: close}} say={say} />}
      {open === 'help' && <OnDemand load={loadHelp} props={{onClose: close}} say={say} />}
      <p className={styles.notice} role="status">
        {notice}
      </p>
    </>
  );
}

const loadSearch = () => import('./Search.tsx').then((module) => module.Search);
const loadHelp = () => import('./Help.tsx').then((module) => module.Help);

/** About the width of one cell of the terminal, in pixels. */
function cellWidth(viewport: HTMLElement): number {
  return parseFloat(getComputedStyle(viewport).fontSize) * 0.6;
}
