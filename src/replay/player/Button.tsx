import {clsx} from 'clsx';
import type {ReactNode, Ref} from 'react';

import {Icon, type IconName} from '../figure/index.ts';
import styles from './button.module.css';

type ButtonProps = {
  icon: IconName;
  label: string;
  /** Key that does the same. */
  hint?: string;
  /** The one that is pressed most. */
  primary?: boolean;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  controls?: string;
  onClick: () => void;
  ref?: Ref<HTMLButtonElement>;
};

/** A control that is a picture; its label is its name, and its tooltip with the key that does the same. */
export function Button({icon, label, hint, primary, disabled, pressed, expanded, controls, onClick, ref}: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      ref={ref}
      className={clsx(styles.button, primary && styles.primary)}
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
