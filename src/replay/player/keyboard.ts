import {useEffect, useRef} from 'react';

import {actionOf, type Action} from './keymap.ts';

/**
 * Keys act while the focus is in the player and not on an element that needs them itself.
 *
 * @param open whether something is open that Escape closes
 */
export function useKeys(root: HTMLElement, open: boolean, perform: (action: Action) => void, close: () => void): void {
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
