/**
 * Opens what is folded while a page is printed, in browsers where a style sheet cannot (src/css/print.css): those
 * without `::details-content`, as Firefox before 143 and Safari before 18.4.
 */
if (typeof window !== 'undefined' && !CSS.supports('selector(::details-content)')) {
  let opened: HTMLDetailsElement[] = [];
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>('main details:not([open])')];
    for (const details of opened) details.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
    opened = [];
  });
}

export {};
