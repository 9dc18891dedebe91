import {Terminal} from '@xterm/headless';
import {describe, expect, it} from 'vitest';

import {rowHtml, screenHtml} from './rows.ts';

/** What row `y` looks like after `data`, on a terminal of 20 columns. */
async function draw(data: string, {y = 0, cursor}: {y?: number; cursor?: number} = {}): Promise<string> {
  const terminal = new Terminal({cols: 20, rows: 4, allowProposedApi: true});
  await new Promise<void>((resolve) => terminal.write(data, resolve));
  const buffer = terminal.buffer.active;
  return rowHtml(buffer.getLine(y), 20, buffer.getNullCell(), cursor);
}

describe('rowHtml', () => {
  it('leaves plain text bare and drops trailing blanks', async () => {
    expect(await draw('a  b   ')).toBe('a  b');
  });

  it('escapes what would be markup', async () => {
    expect(await draw('<b>&')).toBe('&lt;b&gt;&amp;');
  });

  it('gives the sixteen colours classes, bright ones too, and their own values where a program chose the background', async () => {
    expect(await draw('\x1b[31mred\x1b[0m \x1b[92;44mx')).toBe(
      '<span class="ansi-fg-1">red</span> <span class="ansi-bg-rgb" style="color:#8ae234;background:#3465a4">x</span>',
    );
  });

  it('computes the 256-colour palette, and gives its colours and those of 24 bits a value for each theme', async () => {
    expect(await draw('\x1b[38;5;208ma\x1b[38;2;9;99;9mb\x1b[0;48;2;1;2;3mc')).toBe(
      '<span class="ansi-fg-rgb" style="--light:#b45f00;--dark:#ff8700">a</span>' +
        '<span class="ansi-fg-rgb" style="--light:#096309;--dark:#1d701d">b</span>' +
        '<span class="ansi-bg-rgb" style="color:#ffffff;background:#010203">c</span>',
    );
  });

  it('draws a picture of half blocks in the colours that it has, and text on the same ground legibly', async () => {
    expect(await draw('\x1b[38;2;10;10;10;48;2;20;20;20m▀x')).toBe(
      '<span class="ansi-bg-rgb" style="color:#0a0a0a;background:#141414"><span class="ansi-cell-1 ansi-block" style="clip-path:inset(0 0 50% 0)">▀</span></span>' +
        '<span class="ansi-bg-rgb" style="color:#626262;background:#141414">x</span>',
    );
  });

  it('lets a separator have exactly the colour of the ground that it ends', async () => {
    expect(await draw('\x1b[97;44mx\x1b[0;34m\ue0b0')).toBe(
      '<span class="ansi-bg-rgb" style="color:#eeeeec;background:#3465a4">x</span>' +
        '<span style="color:#3465a4"><span class="ansi-cell-1 ansi-block" style="clip-path:polygon(0 0,100% 50%,0 100%)">\ue0b0</span></span>',
    );
  });

  it('swaps the default colours too when inverse', async () => {
    expect(await draw('\x1b[7mx\x1b[31my')).toBe('<span class="ansi-fg-bg ansi-bg-fg">x</span><span class="ansi-fg-bg ansi-bg-1">y</span>');
  });

  it('keeps attributes, and draws blinking text steady', async () => {
    expect(await draw('\x1b[1;3;4;5;9mx')).toBe('<span class="ansi-bold ansi-italic ansi-underline ansi-strike">x</span>');
  });

  it('keeps a coloured blank at the end of a row', async () => {
    expect(await draw('a\x1b[41m  ')).toBe('a<span class="ansi-bg-rgb" style="color:#ffffff;background:#cc0000">  </span>');
  });

  it('boxes characters that a fallback font may draw wider or narrower', async () => {
    expect(await draw('é─漢x')).toBe('é<span class="ansi-cell-1">─</span><span class="ansi-cell-2">漢</span>x');
  });

  it('draws the cursor as a block over its cell, also past the text', async () => {
    expect(await draw('ab', {cursor: 1})).toBe('a<span class="ansi-fg-bg ansi-bg-fg ansi-cursor">b</span>');
    expect(await draw('a', {cursor: 3})).toBe('a  <span class="ansi-fg-bg ansi-bg-fg ansi-cursor"> </span>');
  });
});

describe('screenHtml', () => {
  it('draws the visible rows, not the scrolled-off ones, and the cursor where it is', async () => {
    const terminal = new Terminal({cols: 8, rows: 2, allowProposedApi: true});
    await new Promise<void>((resolve) => terminal.write('one\r\ntwo\r\n$ ', resolve));
    const cursor = '<span class="ansi-fg-bg ansi-bg-fg ansi-cursor"> </span>';
    expect(screenHtml(terminal.buffer.active, 8, 2, true)).toBe(`<div>two</div><div>$ ${cursor}</div>`);
    expect(screenHtml(terminal.buffer.active, 8, 2, false)).toBe('<div>two</div><div>$</div>');
  });
});
