import type {Screen} from '../engine/index.ts';
import {HeadlessTerminal} from '../../terminal/headless.ts';
import {followCursor} from '../../terminal/cursor.ts';
import {rowHtml} from '../../terminal/rows.ts';

export type DomScreen = Screen & {
  /** Draws what has changed now, without waiting for the next frame. */
  paint(): void;
  /** Calls `listener` after each frame that was drawn. @returns the function that ends this */
  onPaint(listener: () => void): () => void;
  dispose(): void;
};

/**
 * A terminal drawn as plain rows of text: the emulator that the index was made with (`@xterm/headless`), and a renderer
 * that keeps one `<div>` per row and touches only the rows that changed.
 *
 * It is not `@xterm/xterm`, whose renderer, input handling and viewport a replay has no use for: that alone is 75 KB
 * (brotli), this is 41 KB. The rows are also drawn as the poster's are, with the page's own font and colours, so nothing
 * moves when they take its place, the text can be selected, the theme can change at any time, and no style sheet is
 * injected.
 *
 * What is written is taken in at once and drawn in the next frame.
 *
 * @param host empty element that the rows are put into
 * @param room the most cells that the terminal will have; a smaller screen is framed in it
 */
export function createDomScreen(host: HTMLElement, cols: number, rows: number, room = {cols, rows}): DomScreen {
  const terminal = new HeadlessTerminal(cols, rows);
  const cursor = followCursor(terminal);
  const cell = terminal.buffer.active.getNullCell();
  const lines: {element: HTMLElement; html: string}[] = [];
  const listeners = new Set<() => void>();
  let frame = 0;

  const fit = () => {
    while (lines.length < terminal.rows) {
      const element = document.createElement('div');
      host.append(element);
      lines.push({element, html: ''});
    }
    while (lines.length > terminal.rows) lines.pop()?.element.remove();
    host.style.setProperty('--screen-cols', String(terminal.cols));
    host.style.setProperty('--screen-rows', String(terminal.rows));
    host.toggleAttribute('data-smaller', terminal.cols < room.cols || terminal.rows < room.rows);
  };

  const paint = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    const buffer = terminal.buffer.active;
    for (const [y, line] of lines.entries()) {
      const x = cursor.visible && y === buffer.cursorY ? Math.min(buffer.cursorX, terminal.cols - 1) : undefined;
      const html = rowHtml(buffer.getLine(buffer.baseY + y), terminal.cols, cell, x);
      if (html === line.html) continue;
      line.element.innerHTML = html;
      line.html = html;
    }
    for (const listener of listeners) listener();
  };
  const paintSoon = () => {
    if (frame === 0) frame = requestAnimationFrame(paint);
  };

  host.dataset.replayScreen = '';
  fit();
  return {
    write: (data, done) => {
      terminal.take(data);
      paintSoon();
      done?.();
    },
    reset: () => {
      terminal.reset();
      paintSoon();
    },
    resize: (newCols, newRows) => {
      if (newCols === terminal.cols && newRows === terminal.rows) return;
      terminal.resize(newCols, newRows);
      fit();
      paintSoon();
    },
    paint,
    onPaint: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose: () => {
      cancelAnimationFrame(frame);
      terminal.dispose();
      host.replaceChildren();
      host.removeAttribute('data-smaller');
    },
  };
}
