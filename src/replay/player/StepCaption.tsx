import type {ReactNode} from 'react';

import {Hint} from '../figure/index.ts';
import type {Step} from '../outline/index.ts';
import styles from './step-caption.module.css';

type Props = {
  steps: readonly Step[];
  /** Index into `steps`; -1 before the first. */
  step: number;
};

/** The caption of a step with its number, or, before the first one, what steps are for. Empty when there are none. */
export function StepCaption({steps, step}: Props): ReactNode {
  if (steps.length === 0) return null;
  if (step < 0) return <Hint />;
  return (
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
  );
}
