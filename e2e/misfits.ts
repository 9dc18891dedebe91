/** What is wrong with how the code blocks of the page in view are laid out, as one line each. */
export function misfits(expected: {wraps: boolean}): string[] {
  const found: string[] = [];
  for (const pre of document.querySelectorAll<HTMLElement>('.ss-code__text')) {
    if (!pre.checkVisibility()) continue;
    const start = pre.textContent.trim().slice(0, 40);
    if (pre.scrollWidth > pre.clientWidth && !pre.closest('.ss-code--sketch')) found.push(`scrolls sideways: ${start}`);
    if (!pre.closest('.ss-code--numbered')) continue;
    const rowHeight = parseFloat(getComputedStyle(pre).lineHeight);
    for (const line of pre.querySelectorAll<HTMLElement>('.l')) {
      const rows = Math.round(line.getBoundingClientRect().height / rowHeight);
      if (rows > 1 && !expected.wraps) found.push(`wraps: ${line.textContent}`);
      // The rows of a line begin where its text does, or further right, and never under its number.
      const range = document.createRange();
      range.selectNodeContents(line);
      const text = line.textContent;
      const lefts = [...range.getClientRects()]
        .filter(({width}) => width > 0)
        .map(({top, left}) => ({row: Math.round((top - line.getBoundingClientRect().top) / rowHeight - 0.2), left}));
      const first = Math.min(...lefts.filter(({row}) => row === 0).map(({left}) => left));
      for (const {row, left} of lefts) if (row > 0 && left < first) found.push(`row ${row} begins left of the code: ${text}`);
    }
  }
  return found;
}
