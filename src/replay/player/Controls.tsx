import {
  createElement,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ComponentType,
  type ReactNode,
  type Ref,
  type RefObject,
} from 'react';

import type {Engine, EngineState} from '../engine/index.ts';
import {commandAt, frameTime, idleChoices, nextRate, rates} from './actions.ts';
import {Captions} from './Captions.tsx';
import {Icon, type IconName} from './icons.tsx';
import {actionOf, type Action} from './keymap.ts';
import {fileName, type Recording} from './load.ts';
import styles from './player.module.css';
import {playAlone} from './registry.ts';
import {Slider} from './Slider.tsx';
import {formatTime, momentHash} from './time.ts';

type Props = {
  engine: Engine;
  recording: Recording;
  name: string;
  title: string;
  castUrl: string;
  root: HTMLElement;
  viewport: HTMLElement;
};

/** What is shown over the controls, at most one at a time. */
type Open = 'more' | 'search' | 'help' | undefined;

/** The controls of a loaded recording, and what keys do while the focus is in the player. */
export function Controls({engine, recording, name, title, castUrl, root, viewport}: Props): ReactNode {
  const state = useEngineState(engine);
  const {time, duration, playing, rate, idleLimit, stepMode, step, ended} = state;
  const {steps} = engine;
  const noSteps = steps.length === 0;
  const [captions, setCaptions] = useState(true);
  const [open, setOpen] = useState<Open>();
  const [notice, say] = useNotice();
  const [full, toggleFullScreen] = useFullScreen(root, say);
  const id = useId();
  const moreButton = useRef<HTMLButtonElement>(null);
  const morePanel = useRef<HTMLDivElement>(null);

  usePlayAlone(engine, playing);
  usePauseWhileHidden(engine);

  const command = commandAt(recording.index, time);
  const toggle = useCallback(() => (engine.state.playing ? engine.pause() : engine.play()), [engine]);
  const seek = useCallback((to: number) => engine.seek(Math.min(engine.state.duration, Math.max(0, to))), [engine]);
  const setRate = (next: number) => {
    engine.setRate(next);
    say(`Speed ${next}×`);
  };
  const setStepMode = (on: boolean) => {
    engine.setStepMode(on);
    say(on ? 'Stops after each step' : 'Plays on after each step');
  };
  const toggleCaptions = () => {
    setCaptions(!captions);
    say(captions ? 'Captions hidden' : 'Captions shown');
  };
  const show = (what: Open) => setOpen((now) => (now === what ? undefined : what));
  const close = () => {
    setOpen(undefined);
    (open === 'more' ? moreButton.current : viewport)?.focus();
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
        return setRate(nextRate(rate, -1));
      case 'faster':
        return setRate(nextRate(rate, 1));
      case 'stepMode':
        return setStepMode(!stepMode);
      case 'captions':
        return toggleCaptions();
      case 'pan':
        return viewport.scrollBy({left: action.columns * cellWidth(viewport)});
      case 'fullScreen':
        return toggleFullScreen();
      case 'search':
      case 'help':
        return show(action.type);
    }
  };
  useKeys(root, open, perform, close);
  usePressOutside(open === 'more', [moreButton, morePanel], () => setOpen(undefined));

  const copy = (text: string, what: string) => {
    // Absent on pages that are not served over HTTPS or from this machine.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const writing = clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    writing.then(
      () => say(`${what} copied`),
      () => say(`The browser did not allow copying. ${what}: ${text.length < 200 ? text : 'select it in the transcript'}`),
    );
  };
  const speed = <Select label="Speed" value={rate} values={rates} text={(value) => `${value}×`} onChange={setRate} />;

  return (
    <>
      <Captions steps={steps} hidden={!captions}>
        {step < 0 && !noSteps && <span className={styles.hint}>Play it through, or go from step to step.</span>}
        {step >= 0 && (
          <>
            <span className={styles.stepNumber}>
              <span className={styles.srOnly}>Step </span>
              {step + 1}
              <span aria-hidden="true">/</span>
              <span className={styles.srOnly}> of </span>
              {steps.length}
            </span>{' '}
            {steps[step]?.label}
          </>
        )}
      </Captions>
      <Slider {...{time, duration, steps, step}} onSeek={seek} />
      <div className={styles.bar} role="group" aria-label={`Controls of ${title}`}>
        <Button
          icon={playing ? 'pause' : ended ? 'replay' : 'play'}
          label={playing ? 'Pause' : ended ? 'Play again' : 'Play'}
          hint="Space"
          onClick={toggle}
        />
        <Button icon="previous" label="Previous step" hint="[" disabled={noSteps} onClick={() => engine.previousStep()} />
        <Button icon="next" label="Next step" hint="]" disabled={noSteps} onClick={() => engine.nextStep()} />
        <span className={styles.time}>
          {formatTime(time)} <span className={styles.total}>/ {formatTime(duration)}</span>
        </span>
        <span className={styles.wide}>
          {speed}
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
        <Button icon="more" label="More" ref={moreButton} expanded={open === 'more'} controls={`${id}more`} onClick={() => show('more')} />
      </div>
      {open === 'more' && (
        <div ref={morePanel} className={styles.more} id={`${id}more`} role="group" aria-label="More">
          <div className={styles.narrow}>
            {speed}
            <Check label="Stop after each step" checked={stepMode} disabled={noSteps} onChange={setStepMode} />
            <Check label="Captions" checked={captions} disabled={noSteps} onChange={toggleCaptions} />
          </div>
          <Select
            label="Pauses"
            value={idleLimit}
            values={idleChoices(idleLimit)}
            text={(value) => (value === Infinity ? 'as recorded' : `at most ${value} s`)}
            onChange={(value) => engine.setIdleLimit(value)}
          />
          <hr />
          <button type="button" className={styles.item} disabled={!command?.text} onClick={() => command && copy(command.text, 'Command')}>
            Copy this command
          </button>
          <button
            type="button"
            className={styles.item}
            disabled={!command?.output}
            onClick={() => command && copy(command.output, 'Output')}
          >
            Copy this output
          </button>
          <button
            type="button"
            className={styles.item}
            onClick={() => copy(new URL(momentHash(name, time), window.location.href).href, 'Link')}
          >
            Copy link to this moment
          </button>
          <a className={styles.item} href={castUrl} download={fileName(castUrl)}>
            Download the recording
          </a>
          <hr />
          <button type="button" className={styles.item} onClick={() => show('help')}>
            Keyboard shortcuts <kbd>?</kbd>
          </button>
        </div>
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

/** The engine as a store whose state is a new one only when more than `seeking` changed, of which the controls show nothing. */
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
function useEngineState(engine: Engine): EngineState {
  const store = useMemo(() => shownState(engine), [engine]);
  return useSyncExternalStore(store.subscribe, store.get);
}

/** Only one player of the page plays. */
function usePlayAlone(engine: Engine, playing: boolean): void {
  useEffect(() => (playing ? playAlone(engine) : undefined), [engine, playing]);
}

/** A hidden tab pauses, and goes on when it is seen again: nobody misses what they did not see. */
function usePauseWhileHidden(engine: Engine): void {
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

/** A short message that goes by itself. */
function useNotice(): [string, (text: string) => void] {
  const [notice, setNotice] = useState({text: ''});
  useEffect(() => {
    if (!notice.text) return;
    const timer = setTimeout(() => setNotice({text: ''}), 4000);
    return () => clearTimeout(timer);
  }, [notice]);
  const say = useCallback((text: string) => setNotice({text}), []);
  return [notice.text, say];
}

function useFullScreen(root: HTMLElement, say: (text: string) => void): [boolean, () => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const onChange = () => setFull(document.fullscreenElement === root);
    document.addEventListener('fullscreenchange', onChange);
    return () => document.removeEventListener('fullscreenchange', onChange);
  }, [root]);
  const toggle = useCallback(() => {
    if (document.fullscreenElement === root) void document.exitFullscreen();
    else if (document.fullscreenEnabled) root.requestFullscreen().catch(() => say('The browser did not allow full screen'));
  }, [root, say]);
  return [full, toggle];
}

type OnDemandProps<P> = {load: () => Promise<ComponentType<P>>; props: P; say: (text: string) => void};

/** A part of the player whose code is fetched when it is used. */
function OnDemand<P extends object>({load, props, say}: OnDemandProps<P>): ReactNode {
  const [loaded, setLoaded] = useState<{part: ComponentType<P>}>();
  useEffect(() => {
    let current = true;
    load().then(
      (part) => current && setLoaded({part}),
      () => current && say('This part of the player could not be loaded. Try again.'),
    );
    return () => {
      current = false;
    };
  }, [load, say]);
  return loaded && createElement(loaded.part, props);
}

/** Keys act while the focus is in the player and on nothing that needs them itself. */
function useKeys(root: HTMLElement, open: Open, perform: (action: Action) => void, close: () => void): void {
  const latest = useRef({open, perform, close});
  useEffect(() => {
    latest.current = {open, perform, close};
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const {target, key} = event;
      // A dialog closes itself, and gives the focus back once it is closed.
      if (event.defaultPrevented || !(target instanceof HTMLElement) || target.closest('dialog')) return;
      if (key === 'Escape' && latest.current.open) {
        event.preventDefault();
        return latest.current.close();
      }
      const types = target instanceof HTMLInputElement && target.type !== 'range';
      if (types || target.closest('select, details')) return;
      // Space and Enter are how a focused button or link is pressed.
      if (key === ' ' && target.closest('button, a')) return;
      const action = actionOf(event);
      if (!action) return;
      event.preventDefault();
      latest.current.perform(action);
    };
    root.addEventListener('keydown', onKeyDown);
    return () => root.removeEventListener('keydown', onKeyDown);
  }, [root]);
}

/** A press anywhere but in `inside` closes what is open. */
function usePressOutside(active: boolean, inside: RefObject<HTMLElement | null>[], close: () => void): void {
  const latest = useRef({inside, close});
  useEffect(() => {
    latest.current = {inside, close};
  });
  useEffect(() => {
    if (!active) return;
    const onPress = ({target}: PointerEvent) => {
      if (!latest.current.inside.some(({current}) => target instanceof Node && current?.contains(target))) latest.current.close();
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, [active]);
}

type ButtonProps = {
  icon: IconName;
  label: string;
  /** Key that does the same. */
  hint?: string;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  controls?: string;
  onClick: () => void;
  ref?: Ref<HTMLButtonElement>;
};

function Button({icon, label, hint, disabled, pressed, expanded, controls, onClick, ref}: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      ref={ref}
      className={styles.button}
      aria-label={label}
      title={hint ? `${label} (${hint})` : label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-controls={expanded ? controls : undefined}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

type SelectProps = {
  label: string;
  value: number;
  values: readonly number[];
  text: (value: number) => string;
  onChange: (value: number) => void;
};

function Select({label, value, values, text, onChange}: SelectProps): ReactNode {
  return (
    <label className={styles.select}>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {values.map((choice) => (
          <option key={choice} value={choice}>
            {text(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Check({
  label,
  checked,
  disabled,
  onChange,
}: {
  label: string;
  checked: boolean;
  disabled: boolean;
  onChange: (on: boolean) => void;
}): ReactNode {
  return (
    <label className={styles.check}>
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} /> {label}
    </label>
  );
}
