// First, as the add-on reads its tables when it is evaluated.
import {pooledAgain} from './unpooled.ts';
import * as addon from '@xterm/addon-unicode-graphemes';

pooledAgain();

/**
 * How many cells a character takes, and whether it joins the one before. xterm.js asks this of each character; of its own
 * it has the widths of Unicode 6 (2010), without grapheme clusters.
 *
 * @see https://www.unicode.org/reports/tr11/ (East Asian width), https://www.unicode.org/reports/tr29/ (grapheme
 *   clusters), https://www.unicode.org/reports/tr51/ (emoji: a presentation selector makes a character two cells wide)
 */
export type Widths = {
  readonly version: string;
  wcwidth(codePoint: number): 0 | 1 | 2;
  /** @param preceding what this returned of the character before, 0 at the start; its bits are xterm.js's own */
  charProperties(codePoint: number, preceding: number): number;
};

// Node sees the package's CommonJS file as a default export, bundlers see its ES module.
const exported: unknown = 'UnicodeGraphemesAddon' in addon ? addon : Reflect.get(addon, 'default');
const {UnicodeGraphemesAddon} = exported as typeof addon;

const version = '15-graphemes';

/** The add-on's widths. It gives them away to a terminal only, so it is given something that takes what it registers. */
function addonWidths(): Widths {
  const found = new Map<string, Widths>();
  const unicode = {activeVersion: '', register: (widths: Widths) => found.set(widths.version, widths)};
  new UnicodeGraphemesAddon().activate({unicode});
  const widths = found.get(version);
  if (!widths) throw new Error(`@xterm/addon-unicode-graphemes: expected the widths ${version} of version 0.4.0`);
  return widths;
}

/** An emoji that the add-on knows. */
const emoji = 0x1f680;

/**
 * Emoji of Unicode 14 to 17: the add-on's tables, though called 15, end before them. They are the blocks' characters with
 * `Emoji_Presentation=Yes`, and in U+1FA70–1FAFF those reserved for more of them (`Extended_Pictographic`).
 *
 * @see https://www.unicode.org/Public/17.0.0/emoji/emoji-data.txt
 */
function isLaterEmoji(codePoint: number): boolean {
  if (codePoint < 0x1f6d8 || codePoint > 0x1faff) return false;
  return (
    codePoint >= 0x1fa70 ||
    codePoint === 0x1f7f0 ||
    codePoint === 0x1f979 ||
    codePoint === 0x1f9cc ||
    codePoint === 0x1f6d8 ||
    (codePoint >= 0x1f6dc && codePoint <= 0x1f6df)
  );
}

const theirs = addonWidths();

/** The widths that every terminal of the site has: those of the recorder, of posters, transcripts and the player. */
export const widths: Widths = {
  version,
  wcwidth: (codePoint) => (isLaterEmoji(codePoint) ? 2 : theirs.wcwidth(codePoint)),
  charProperties: (codePoint, preceding) => theirs.charProperties(isLaterEmoji(codePoint) ? emoji : codePoint, preceding),
};

/** What `charProperties` returns after these, of which each lets others join it: between them they have all rules. */
const beginnings = ['a', '\u1112', '\uac00', '\uac01', '\u{1f469}\u200d', '\u{1f1e9}'].map(propertiesAfter);

function propertiesAfter(text: string): number {
  return Array.from(text).reduce((preceding, char) => widths.charProperties(char.codePointAt(0) ?? 0, preceding), 0);
}

/** Whether a character that begins a text joins the one before: the lowest bit is xterm.js's for that. */
const joinsAfter = (text: string, preceding: number): boolean => {
  const first = text.codePointAt(0);
  return first !== undefined && (widths.charProperties(first, preceding) & 1) === 1;
};

/**
 * Whether text may join a character that was written just before it, as a mark, a later part of an emoji or of a Hangul
 * syllable does, or a whole one, which joins a first part (UAX #29, rules GB6 to GB9a, GB11 to GB13). A control in between
 * keeps them apart.
 */
export function mayJoin(text: string): boolean {
  return beginnings.some((preceding) => joinsAfter(text, preceding));
}

/** Whether whatever is written just after text joins its last character (UAX #29, rule GB9b: an Arabic number sign, say). */
export function joinsNext(text: string): boolean {
  const last = Array.from(text.slice(-2)).at(-1);
  return last !== undefined && joinsAfter('a', propertiesAfter(last));
}
