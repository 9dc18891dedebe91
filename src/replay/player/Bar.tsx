import type {ReactNode, Ref} from 'react';

import type {Engine, EngineState} from '../engine/index.ts';
import {formatTime} from '../outline/time.ts';
import styles from './bar.module.css';
import {Button} from './Button.tsx';
import {SpeedSelect} from './fields.tsx';
import type {Open} from './open.ts';
import type {Settings} from './settings.ts';

type Props = {
  engine: Engine;
  state: EngineState;
  settings: Settings;
  title: string;
  full: boolean;
  toggleFullScreen: () => void;
  toggle: () => void;
  open: Open | undefined;
  show: (what: Open) => void;
  menuId: string;
  menuButton: Ref<HTMLButtonElement>;
};

/** The row of controls below the slider. A narrow one leaves the settings to the menu. */
export function Bar({engine, state, settings, title, full, toggleFullScreen, toggle, open, show, menuId, menuButton}: Props): ReactNode {
  const {time, duration, playing, ended} = state;
  const {stepMode, setStepMode, captions, toggleCaptions} = settings;
  const noSteps = engine.steps.length === 0;
  return (
    <div className={styles.bar} role="group" aria-label={`Controls of ${title}`}>
      <Button
        icon={playing ? 'pause' : ended ? 'replay' : 'play'}
        label={playing ? 'Pause' : ended ? 'Play again' : 'Play'}
        hint="Space"
        primary
        onClick={toggle}
      />
      <Button icon="previous" label="Previous step" hint="[" disabled={noSteps} onClick={() => engine.previousStep()} />
      <Button icon="next" label="Next step" hint="]" disabled={noSteps} onClick={() => engine.nextStep()} />
      <span className={styles.time}>
        {formatTime(time)} <span className={styles.total}>/ {formatTime(duration)}</span>
      </span>
      <span className={styles.wide}>
        <SpeedSelect {...settings} />
        <Button
          icon="step"
          label="Stop after each step"
          hint="s"
          pressed={stepMode}
          disabled={noSteps}
          onClick={() => setStepMode(!stepMode)}
        />
        <Button icon="captions" label="Captions" hint="c" pressed={captions} disabled={noSteps} onClick={toggleCaptions} />
      </span>
      <Button icon="search" label="Search the output" hint="/" expanded={open === 'search'} onClick={() => show('search')} />
      {document.fullscreenEnabled && (
        <Button
          icon={full ? 'window' : 'fullScreen'}
          label={full ? 'Leave full screen' : 'Full screen'}
          hint="f"
          onClick={toggleFullScreen}
        />
      )}
      <Button icon="more" label="More" ref={menuButton} expanded={open === 'more'} controls={menuId} onClick={() => show('more')} />
    </div>
  );
}
