/** What a reader asks for while the scripts of the page are still on their way. */
export type Early = {
  /** Whether the search was asked for. */
  wanted: boolean;
  /** Stops listening. */
  stop: () => void;
};

/** The window, where it is kept until the search of the page listens itself. */
export type EarlyWindow = Window & {earlySearch?: Early};

/** Reports whether a key opens the search: Ctrl K, Cmd K, or `/` outside of a field. Its source is sent, so it uses nothing else. */
export function opensSearch(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.altKey || event.isComposing) return false;
  const {target} = event;
  const typing = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
  const modified = event.ctrlKey || event.metaKey;
  return (modified && !event.shiftKey && event.key.toLowerCase() === 'k') || (event.key === '/' && !modified && !typing);
}

/** Notices that the search is asked for, by key or by its button, before it can open. Runs by its source, too. */
export function notice(opens: typeof opensSearch): void {
  const onKey = (event: KeyboardEvent): void => {
    if (!opens(event)) return;
    event.preventDefault();
    early.wanted = true;
  };
  const onClick = ({target}: MouseEvent): void => {
    if (target instanceof Element && target.closest('button[aria-keyshortcuts*="Control+K"]')) early.wanted = true;
  };
  const early: Early = {
    wanted: false,
    stop: () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('click', onClick);
    },
  };
  window.addEventListener('keydown', onKey);
  window.addEventListener('click', onClick);
  (window as EarlyWindow).earlySearch = early;
}
