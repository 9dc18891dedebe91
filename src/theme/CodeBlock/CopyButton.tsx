import type {ReactNode} from 'react';

type Props = {
  /** What the button is called: what it copies. */
  label: string;
};

/**
 * Copies the code block that it follows: `copy.ts` answers it, wherever it is on the page. It is seen only where script
 * runs (src/css/code.css), for without it does nothing.
 */
export default function CopyButton({label}: Props): ReactNode {
  return (
    <div className="ss-code__copy">
      <button type="button" aria-label={label} title={label}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.5">
          <path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" />
          <path d="m3 8.5 3.2 3.2L13 5" />
        </svg>
      </button>
      <span role="status" className="ss-code__status" />
    </div>
  );
}
