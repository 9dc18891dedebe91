import {describe, expect, it} from 'vitest';

import {HeadlessTerminal} from './headless.ts';
import {joinsNext, mayJoin, widths} from './widths.ts';

/** Cells that `text` takes, and the texts of those that are not empty. */
function cells(text: string): {width: number; texts: string[]} {
  const terminal = new HeadlessTerminal(40, 2);
  terminal.take(text);
  const {active} = terminal.buffer;
  const texts = Array.from({length: active.cursorX}, (_, x) => active.getLine(0)?.getCell(x)?.getChars() ?? '').filter(
    (chars) => chars !== '',
  );
  return {width: active.cursorX, texts};
}

describe('Cells of', () => {
  it.each([
    // Emoji_Presentation=Yes: East_Asian_Width is W (UTS #51, ED-6; UAX #11).
    ['an emoji', '🚀', 2],
    ['one with an early code point', '⌚', 2],
    ['one of Unicode 14', '🫠', 2],
    ['one of Unicode 15', '🫨', 2],
    ['one of Unicode 16', '🫩', 2],
    ['the one of Unicode 14 among the geometric shapes', '🟰', 2],
    ['the one of Unicode 15 among the map symbols', '🛜', 2],
    // A text character that U+FE0F turns into an emoji (UTS #51, ED-9a).
    ['a heart as an emoji', '❤\u{fe0f}', 2],
    ['a heart as text', '❤', 1],
    ['a warning as an emoji', '⚠\u{fe0f}', 2],
    // Sequences (UTS #51, ED-14 to ED-16, ED-13, ED-14a).
    ['a keycap', '1\u{fe0f}\u{20e3}', 2],
    ['a flag', '🇩🇪', 2],
    ['a skin tone', '👍🏽', 2],
    ['a joined pair', '👩\u{200d}🌾', 2],
    ['a family', '👨\u{200d}👩\u{200d}👧\u{200d}👦', 2],
    ['a family with one of Unicode 14', '🫠\u{200d}🫨', 2],
    ['a rainbow flag', '🏳\u{fe0f}\u{200d}🌈', 2],
    // East_Asian_Width N, A, W, F, H (UAX #11); ambiguous ones are narrow outside of East Asian locales.
    ['a big circle that is not an emoji', '⬤', 1],
    ['a character of ambiguous width', '±', 1],
    ['a box', '─', 1],
    ['a block', '█', 1],
    ['a Powerline separator', '\u{e0b0}', 1],
    ['a Han character', '漢', 2],
    ['one beyond the basic plane', '𠀀', 2],
    ['a fullwidth letter', 'Ａ', 2],
    ['a halfwidth kana', 'ｶ', 1],
    // Grapheme clusters (UAX #29, table 3b).
    ['a letter with its mark', 'e\u{301}', 1],
    ['a syllable of jamo', '\u{1112}\u{1161}\u{11ab}', 2],
    ['a Thai cluster', 'ที่', 1],
  ])('%s (%s): %i, in one cluster', (_what, text, width) => {
    expect(cells(text)).toEqual({width, texts: [text]});
  });

  it('what follows one another is a cluster each', () => {
    expect(cells('🇩🇪🇫🇷🚀❤\u{fe0f}a漢')).toEqual({width: 11, texts: ['🇩🇪', '🇫🇷', '🚀', '❤\u{fe0f}', 'a', '漢']});
  });

  it('a cluster does not depend on how it was cut into pieces', () => {
    const terminal = new HeadlessTerminal(40, 2);
    for (const unit of Array.from('👩\u{200d}🌾1\u{fe0f}\u{20e3}x')) terminal.take(unit);
    expect(terminal.buffer.active.cursorX).toBe(5);
  });
});

it('After an emoji a program and the terminal agree on the columns', () => {
  const terminal = new HeadlessTerminal(40, 4);
  terminal.take('🚀 $ l');
  terminal.take('\r\x1b[5Cls');
  expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe('🚀 $ ls');
});

describe('Which characters join', () => {
  const codePoints = Array.from({length: 0x20000 - 0x20}, (_, index) => index + 0x20).filter((code) => code < 0xd800 || code > 0xdfff);
  const chars = codePoints.map((code) => String.fromCodePoint(code));
  /** Whether a terminal puts both into one cell. */
  const join = (before: string, char: string): boolean => {
    const preceding = Array.from(before).reduce((known, each) => widths.charProperties(each.codePointAt(0) ?? 0, known), 0);
    return (widths.charProperties(char.codePointAt(0) ?? 0, preceding) & 1) === 1;
  };

  // Among them a character of each class of UAX #29.
  it.each(['a', '字', '\u1112', '\u1161', '\u11a8', '가', '각', '👩', '👩\u200d', '🇩', '🇩🇪', 'क', 'क्', 'e\u0301', '❤', '1'])(
    'after %s is known of each',
    (before) => {
      expect(chars.filter((char) => join(before, char) && !mayJoin(char))).toEqual([]);
    },
  );

  it('is known of those before, too', () => {
    expect(chars.filter((char) => join(char, 'z') !== joinsNext(`a${char}`))).toEqual([]);
    expect(joinsNext('\u0600')).toBe(true);
    expect(joinsNext('')).toBe(false);
  });

  it('is not said of those that stand alone', () => {
    expect(['a', ' ', '字', '─', 'é'].filter(mayJoin)).toEqual([]);
  });
});
