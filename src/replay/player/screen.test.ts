// @vitest-environment jsdom
import {beforeEach, describe, expect, it} from 'vitest';

import {createDomScreen, type DomScreen} from './screen.ts';

let host: HTMLElement;
beforeEach(() => {
  host = document.createElement('div');
});

/** The rows after all that was written before. */
function rows(screen: DomScreen): string[] {
  screen.paint();
  return [...host.children].map((row) => row.textContent);
}

describe('createDomScreen', () => {
  it('draws one element per row', () => {
    const screen = createDomScreen(host, 10, 3);
    screen.write('one\r\n\x1b[31mtwo');
    expect(rows(screen)).toEqual(['one', 'two ', '']);
    expect(host.innerHTML).toContain('<span class="ansi-fg-1">two</span>');
  });

  it('resets and resizes', () => {
    const screen = createDomScreen(host, 10, 3);
    screen.write('\x1b[31mbefore');
    screen.resize(5, 2);
    screen.reset();
    screen.write('\x1b[m');
    screen.write('\x1b[?25l12345678');
    expect(rows(screen)).toEqual(['12345', '678']);
    expect(host.innerHTML).not.toContain('ansi-');
    expect(host.style.getPropertyValue('--screen-cols')).toBe('5');
  });

  it('frames a screen that is smaller than the room, and takes no room itself', () => {
    const screen = createDomScreen(host, 10, 3, {cols: 10, rows: 5});
    expect(host.hasAttribute('data-smaller')).toBe(true);
    screen.resize(10, 5);
    expect(host.hasAttribute('data-smaller')).toBe(false);
    screen.resize(4, 5);
    expect(host.hasAttribute('data-smaller')).toBe(true);
    expect([host.style.getPropertyValue('--cols'), host.style.getPropertyValue('--rows')]).toEqual(['', '']);
  });

  it('leaves rows alone that did not change, so that a selection in them stays', () => {
    const screen = createDomScreen(host, 10, 3);
    screen.write('\x1b[?25lone\r\ntwo');
    rows(screen);
    const kept = host.children[0]?.firstChild;
    screen.write('!');
    expect(rows(screen)).toEqual(['one', 'two!', '']);
    expect(host.children[0]?.firstChild).toBe(kept);
  });

  it('hides and shows the cursor as the program does', () => {
    const screen = createDomScreen(host, 10, 1);
    screen.write('a\x1b[?25l');
    expect(rows(screen)).toEqual(['a']);
    expect(host.querySelector('.ansi-cursor')).toBeNull();
    screen.write('\x1b[?25h');
    rows(screen);
    expect(host.querySelector('.ansi-cursor')).not.toBeNull();
  });

  it('draws once a frame, however much is written, and tells', async () => {
    const screen = createDomScreen(host, 10, 3);
    let frames = 0;
    screen.onPaint(() => frames++);
    const taken: string[] = [];
    for (const letter of 'abc') screen.write(letter, () => taken.push(letter));
    expect(taken).toEqual(['a', 'b', 'c']);
    expect(host.textContent).toBe('');
    await new Promise((resolve) => requestAnimationFrame(resolve));
    expect(host.textContent.trim()).toBe('abc');
    expect(frames).toBe(1);
  });

  it('leaves nothing behind', () => {
    const screen = createDomScreen(host, 10, 3);
    rows(screen);
    screen.dispose();
    expect(host.childNodes.length).toBe(0);
  });
});
