import type {ReactNode, Ref} from 'react';

import {momentHash} from '../figure/index.ts';
import type {Command} from '../outline/index.ts';
import {idleChoices} from './actions.ts';
import styles from './bar.module.css';
import {copy} from './copy.ts';
import {Check, Select, SpeedSelect} from './fields.tsx';
import {fileName} from './load.ts';
import type {Settings} from './settings.ts';

type Props = {
  id: string;
  ref: Ref<HTMLDivElement>;
  settings: Settings;
  noSteps: boolean;
  /** The command that was being typed or was running at `time`. */
  command: Command | undefined;
  /** Name of the recording. */
  name: string;
  /** Seconds. */
  time: number;
  castUrl: string;
  onHelp: () => void;
  say: (text: string) => void;
};

/** What is needed less often than the bar's controls, and in a narrow frame those that the bar has no room for. */
export function Menu({id, ref, settings, noSteps, command, name, time, castUrl, onHelp, say}: Props): ReactNode {
  const {idleLimit, setIdleLimit, stepMode, setStepMode, captions, toggleCaptions} = settings;
  return (
    <div ref={ref} className={styles.more} id={id} role="group" aria-label="More">
      <div className={styles.narrow}>
        <SpeedSelect {...settings} />
        <Check label="Stop after each step" checked={stepMode} disabled={noSteps} onChange={setStepMode} />
        <Check label="Captions" checked={captions} disabled={noSteps} onChange={toggleCaptions} />
      </div>
      <Select
        label="Pauses"
        value={idleLimit}
        values={idleChoices(idleLimit)}
        text={(value) => (value === Infinity ? 'as recorded' : `at most ${value} s`)}
        onChange={setIdleLimit}
      />
      <hr />
      <button type="button" className={styles.item} disabled={!command?.text} onClick={() => command && copy(command.text, 'Command', say)}>
        Copy this command
      </button>
      <button
        type="button"
        className={styles.item}
        disabled={!command?.output}
        onClick={() => command && copy(command.output, 'Output', say)}
      >
        Copy this output
      </button>
      <button
        type="button"
        className={styles.item}
        onClick={() => copy(new URL(momentHash(name, time), window.location.href).href, 'Link', say)}
      >
        Copy link to this moment
      </button>
      <a className={styles.item} href={castUrl} download={fileName(castUrl)}>
        Download the recording
      </a>
      <hr />
      <button type="button" className={styles.item} onClick={onHelp}>
        Keyboard shortcuts <kbd>?</kbd>
      </button>
    </div>
  );
}
