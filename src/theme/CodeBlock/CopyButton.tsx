import useIsBrowser from '@docusaurus/useIsBrowser';
import {useEffect, useState, type ReactNode, type RefObject} from 'react';

/** Milliseconds for which the button says what came of it. */
const shown = 2500;

/** Selects the text of an element, for the reader to copy by hand. */
function select(element: Element): void {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** What of a code block is copied: not the lines that are gone, nor a terminal's prompts and output. */
function copied(element: Element): string {
  const copy = document.createElement('div');
  copy.append(...[...element.childNodes].map((node) => node.cloneNode(true)));
  for (const left of copy.querySelectorAll('del, .m, .o')) left.remove();
  return copy.textContent.replace(/\n$/, '');
}

/** Puts text on the clipboard. Pages served over plain HTTP have no clipboard API, only the older way, by a selection. */
async function copy(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'ss-code__copied';
  document.body.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the one way that works without a secure context
  const done = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({preventScroll: true});
  if (!done) throw new Error('the browser refused');
}

type Props = {
  /** The element whose text is copied. */
  text: RefObject<HTMLElement | null>;
  /** What the button is called: what it copies. */
  label: string;
};

/** Copies a code block. It is in the page only where script runs, for without it does nothing. */
export default function CopyButton({text, label}: Props): ReactNode {
  const [result, setResult] = useState<'none' | 'copied' | 'failed'>('none');
  useEffect(() => {
    if (result === 'none') return;
    const timer = setTimeout(() => setResult('none'), shown);
    return () => clearTimeout(timer);
  }, [result]);
  if (!useIsBrowser()) return null;
  const onClick = (): void => {
    const element = text.current;
    if (!element) return;
    copy(copied(element)).then(
      () => setResult('copied'),
      () => {
        select(element);
        setResult('failed');
      },
    );
  };
  return (
    <div className="ss-code__copy">
      <button type="button" onClick={onClick} aria-label={label} title={label} data-result={result}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.5">
          {result === 'copied' ? <path d="m3 8.5 3.2 3.2L13 5" /> : <path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" />}
        </svg>
      </button>
      <span role="status" className="ss-code__status">
        {result === 'copied' && 'Copied'}
        {result === 'failed' && 'Not copied. The code is selected; press Ctrl+C or ⌘C.'}
      </span>
    </div>
  );
}
