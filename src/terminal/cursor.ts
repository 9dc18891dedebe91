import type {Terminal} from '@xterm/headless';

/**
 * Follows whether the program shows the cursor (DECTCEM, `CSI ? 25 h` and `l`), which the headless terminal does not
 * tell. Make it before the first write.
 *
 * @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (DECSET 25, RIS, DECSTR)
 */
export function followCursor(terminal: Pick<Terminal, 'parser'>): {readonly visible: boolean} {
  const cursor = {visible: true};
  const {parser} = terminal;
  const set = (visible: boolean) => (params: (number | number[])[]) => {
    if (params.includes(25)) cursor.visible = visible;
    return false; // the terminal handles it too
  };
  parser.registerCsiHandler({prefix: '?', final: 'h'}, set(true));
  parser.registerCsiHandler({prefix: '?', final: 'l'}, set(false));
  // Both resets bring it back: soft (DECSTR) and full (RIS).
  const show = () => {
    cursor.visible = true;
    return false;
  };
  parser.registerCsiHandler({intermediates: '!', final: 'p'}, show);
  parser.registerEscHandler({final: 'c'}, show);
  return cursor;
}
