/** Milliseconds for which a button says what came of it. */
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

/** What a button says for a while, by its `data-result`. */
const results: Readonly<Record<string, string>> = {
  copied: 'Copied',
  failed: 'Not copied. The code is selected; press Ctrl+C or ⌘C.',
};

const timers = new WeakMap<Element, number>();

/** Says beside a button what came of it, to those who listen too, and takes it back after a while. */
function tell(button: HTMLElement, result: string): void {
  const status = button.parentElement?.querySelector('[role="status"]');
  window.clearTimeout(timers.get(button));
  button.dataset.result = result;
  if (status) status.textContent = results[result] ?? '';
  if (result !== 'none')
    timers.set(
      button,
      window.setTimeout(() => tell(button, 'none'), shown),
    );
}

/**
 * Docusaurus client module: answers the buttons of all code blocks, which are HTML and not hydrated. A button copies the
 * text of the block that it follows.
 */
if (typeof document !== 'undefined')
  document.addEventListener('click', ({target}) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('.ss-code__copy button') : null;
    const code = button?.parentElement?.previousElementSibling?.querySelector('code');
    if (!button || !code) return;
    copy(copied(code)).then(
      () => tell(button, 'copied'),
      () => {
        select(code);
        tell(button, 'failed');
      },
    );
  });

export {};
