// @vitest-environment jsdom
import {beforeEach, describe, expect, it} from 'vitest';

import {createDomScreen, type DomScreen} from './terminal.ts';

let host: HTMLElement;
beforeEach(() => {
  host = document.createElement('div');
});

/** The rows after all that was written before. */
async function rows(screen: DomScreen): Promise<string[]> {
  await new Promise<void>((resolve) => screen.write('', resolve));
  screen.paint();
  return [...host.children].map((row) => row.textContent);
}

describe('createDomScreen', () => {
  it('draws one element per row', async () => {
    const screen = createDomScreen(host, 10, 3);
    screen.write('one\r\n\x1b[31mtwo');
    expect(await rows(screen)).toEqual(['one', 'two ', '']);
    expect(host.innerHTML).toContain('<span class="ansi-fg-1">two</span>');
  });

  it('resets and resizes in the order of the writes around them', async () => {
    const screen = createDomScreen(host, 10, 3);
    screen.write('\x1b[31mbefore\x1b]0;half a title');
    screen.reset();
    screen.resize(5, 2);
    screen.write('\x1b[?25l12345678');
    expect(await rows(screen)).toEqual(['12345', '678']);
    expect(host.innerHTML).not.toContain('ansi-');
    expect(host.style.getPropertyValue('--cols')).toBe('5');
  });

  it('leaves rows alone that did not change, so that a selection in them stays', async () => {
    const screen = createDomScreen(host, 10, 3);
    screen.write('\x1b[?25lone\r\ntwo');
    await rows(screen);
    const kept = host.children[0]?.firstChild;
    screen.write('!');
    expect(await rows(screen)).toEqual(['one', 'two!', '']);
    expect(host.children[0]?.firstChild).toBe(kept);
  });

  it('hides the cursor when the program does, and shows it after a reset', async () => {
    const screen = createDomScreen(host, 10, 1);
    screen.write('a\x1b[?25l');
    expect(await rows(screen)).toEqual(['a']);
    expect(host.querySelector('.ansi-cursor')).toBeNull();
    screen.reset();
    await rows(screen);
    expect(host.querySelector('.ansi-cursor')).not.toBeNull();
  });

  it('leaves nothing behind', async () => {
    const screen = createDomScreen(host, 10, 3);
    await rows(screen);
    screen.dispose();
    expect(host.childNodes.length).toBe(0);
  });
});
