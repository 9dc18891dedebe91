import clsx from 'clsx';
import {lazy, Suspense, useEffect, useState, type ReactNode} from 'react';
import {opensSearch, type EarlyWindow} from './early';
import styles from './styles.module.css';

const Dialog = lazy(() => import('./Dialog'));

/** Event on `window` that opens the search dialog. */
const openEvent = 'open-search';

/** A button that opens the search dialog of the page. Hidden where there is no script to answer it. */
export function SearchButton({className, children}: {className?: string; children: ReactNode}): ReactNode {
  return (
    <button
      type="button"
      className={clsx(styles.button, className)}
      aria-haspopup="dialog"
      aria-keyshortcuts="Control+K Meta+K /"
      onClick={() => window.dispatchEvent(new Event(openEvent))}
    >
      {children}
    </button>
  );
}

/**
 * Search in the navbar: a button, and the dialog that it, Ctrl K, Cmd K and `/` open. Dialog and index are loaded when
 * they are first asked for.
 */
export default function Search(): ReactNode {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const show = (): void => setOpen(true);
    const onKey = (event: KeyboardEvent): void => {
      if (!opensSearch(event)) return;
      event.preventDefault();
      show();
    };
    window.addEventListener(openEvent, show);
    window.addEventListener('keydown', onKey);
    const place: EarlyWindow = window;
    const early = place.earlySearch;
    early?.stop();
    delete place.earlySearch;
    if (early?.wanted) show();
    return () => {
      window.removeEventListener(openEvent, show);
      window.removeEventListener('keydown', onKey);
    };
  }, []);
  return (
    <>
      <SearchButton className={styles.navbar}>
        <svg viewBox="0 0 20 20" width="18" height="18" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
          <circle cx="8.5" cy="8.5" r="5.5" />
          <path d="m12.5 12.5 5 5" strokeLinecap="round" />
        </svg>
        <span className={styles.label}>Search</span>
        <kbd className={styles.key} aria-hidden="true">
          /
        </kbd>
      </SearchButton>
      {open && (
        <Suspense fallback={null}>
          <Dialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
