import {useEffect, useId, useRef, type ReactNode} from 'react';

import {Icon} from '../figure/index.ts';
import button from './button.module.css';
import styles from './help.module.css';
import {keyHelp} from './keymap.ts';

/** What the keys do, as a dialog. */
export function Help({onClose}: {onClose: () => void}): ReactNode {
  const title = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={styles.help} aria-labelledby={title} onClose={onClose}>
      <div className={styles.helpHead}>
        <h2 id={title}>Keyboard shortcuts</h2>
        <button type="button" className={button.button} aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
      <p>They act while the focus is in the player.</p>
      <dl className={styles.keys}>
        {keyHelp.map(({keys, does}) => (
          <div key={does}>
            <dt>{keys.map((key) => (key === '…' ? <span key={key}> … </span> : <kbd key={key}>{key}</kbd>))}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
