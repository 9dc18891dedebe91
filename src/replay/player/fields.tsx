import type {ReactNode} from 'react';

import {rates} from './actions.ts';
import styles from './bar.module.css';
import type {Settings} from './settings.ts';

type SelectProps = {
  label: string;
  value: number;
  values: readonly number[];
  text: (value: number) => string;
  onChange: (value: number) => void;
};

/** A choice among numbers. */
export function Select({label, value, values, text, onChange}: SelectProps): ReactNode {
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

type CheckProps = {label: string; checked: boolean; disabled: boolean; onChange: (on: boolean) => void};

/** Something that is on or off. */
export function Check({label, checked, disabled, onChange}: CheckProps): ReactNode {
  return (
    <label className={styles.check}>
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} /> {label}
    </label>
  );
}

/** The speed, 1 being the recorded one. */
export function SpeedSelect({rate, setRate}: Pick<Settings, 'rate' | 'setRate'>): ReactNode {
  return <Select label="Speed" value={rate} values={rates} text={(value) => `${value}×`} onChange={setRate} />;
}
