/**
 * What a recording may tell the terminal of a page: text, colours, cursor movement, erasing, scrolling, the alternate
 * screen. The rest is left out, because a recording is somebody else's data: window titles, the clipboard (OSC 52),
 * links (OSC 8), palettes, device control strings, window manipulation (CSI t), queries that a terminal would answer,
 * mouse and keyboard modes. It is a list of what passes, not of what does not. Sequences are those of ECMA-48 and of
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html; states and transitions follow
 * https://vt100.net/emu/dec_ansi_parser.
 */

/** States of the parser. `TEXT` is DCS, SOS, PM, APC or a window's title: up to the string terminator nothing counts. */
const GROUND = 0;
const ESCAPE = 1;
const CSI = 2;
const CSI_IGNORE = 3;
const OSC = 4;
const OSC_ESCAPE = 5;
const TEXT = 6;
const TEXT_ESCAPE = 7;

/** Longest control sequence that passes; xterm itself reads no more than 32 parameters. */
const MAX_SEQUENCE = 256;
/** Longest operating system command that is told of: a shell mark may hold a command line. */
const MAX_OSC = 2 ** 14;
/** Marks that may be stacked on one character; more is an attack on the renderer, not a script that people write. */
const MAX_MARKS = 16;
/** No coordinate is beyond this, so greater numbers mean the same. */
const MAX_NUMBER = 9999;

/** CSI sequences by prefix, intermediate and final character, with what bounds their number. */
const controlSequences = new Map<string, 'rows' | 'cols' | 'free' | 'colours' | 'modes'>([
  ...Array.from('LMST', (final) => [final, 'rows'] as const),
  ...Array.from('bIZ', (final) => [final, 'cols'] as const),
  ...['@', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'P', 'X', '`', 'a', 'd', 'e', 'f', 'g', 'r', 's', 'u'].map(
    (key) => [key, 'free'] as const,
  ),
  ...['?J', '?K', ' @', ' A', ' q', '"q', "'}", "'~", '!p'].map((key) => [key, 'free'] as const),
  ['m', 'colours'],
  ...['h', 'l', '?h', '?l'].map((key) => [key, 'modes'] as const),
]);

/** IRM, LNM. */
const modes = new Set(['4', '20']);
/** DECOM, DECAWM, DECTCEM, reverse wraparound, alternate screens and their cursor. */
const privateModes = new Set(['6', '7', '25', '45', '47', '1047', '1048', '1049']);

/** Marks and other characters that take no cell; of these the ones that reorder or hide text do not pass. */
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const dropped = /^[\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}]$/u;

/** Kinds of characters from U+0300; `WAITS` is half a character, `HALF` one whose other half never comes. */
const UNKNOWN = 0;
const PLAIN = 1;
const MARK = 2;
const DROPPED = 3;
const WAITS = 4;
const HALF = 5;
const kinds = new Uint8Array(0x10000);

function kindOf(character: string): number {
  if (dropped.test(character)) return DROPPED;
  return zeroWidth.test(character) ? MARK : PLAIN;
}

export type SanitizerOptions = {
  /** Largest width and height that the terminal has in this recording: no line is inserted more often than it has lines. */
  cols: number;
  rows: number;
  /**
   * Told of each operating system command (OSC) that was left out.
   * @param payload such as `133;D;0`
   * @param offset where it stood in what this call of `push` returns
   */
  onOsc?: (payload: string, offset: number) => void;
};

/**
 * Strips from a terminal's output all that is not on the list above. What it returns does not depend on how the output
 * is cut into pieces, and no piece ends within a sequence or a character: what is not complete waits for the rest. So
 * each end of a piece, while nothing is `pending`, is a place at which a terminal's parser is in its ground state.
 */
export class Sanitizer {
  private state: number = GROUND;
  private sequence = '';
  private highSurrogate = '';
  private marks = 0;

  constructor(private readonly options: SanitizerOptions) {}

  /** Whether part of a sequence or character waits for its rest. */
  get pending(): boolean {
    return this.state !== GROUND || this.highSurrogate !== '' || this.marks >= MAX_MARKS;
  }

  push(piece: string): string {
    const data = this.highSurrogate + piece;
    this.highSurrogate = '';
    let out = '';
    let run = 0; // Start of the text that passes as it is.
    let i = 0;
    for (; i < data.length; i++) {
      const code = data.charCodeAt(i);
      if (this.state === GROUND) {
        if (code >= 0x20 && code < 0x7f) {
          this.marks = 0;
          continue;
        }
        if (code >= 0xa0 && code < 0x300) {
          this.marks = 0;
          continue;
        }
        if (code >= 0x300) {
          const kind = this.character(data, i, code);
          if (kind === WAITS) {
            this.highSurrogate = data.slice(i);
            return out + data.slice(run, i);
          }
          const start = i;
          if (code >= 0xd800 && code < 0xdc00 && kind !== HALF) i++;
          if (kind === PLAIN) this.marks = 0;
          else if (kind !== MARK || this.marks >= MAX_MARKS) {
            out += data.slice(run, start);
            if (kind === HALF) {
              out += '\uFFFD';
              this.marks = 0;
            }
            run = i + 1;
          } else this.marks++;
          continue;
        }
        if (passesC0(code)) {
          this.marks = 0;
          continue;
        }
      }
      if (run < i) out += data.slice(run, i);
      const passing = this.control(code, data, i, out.length);
      if (passing !== '') {
        this.marks = 0;
        out += passing;
      }
      run = i + 1;
    }
    return this.state === GROUND && run < i ? out + data.slice(run, i) : out;
  }

  private character(data: string, i: number, code: number): number {
    if (code >= 0xd800 && code < 0xe000) {
      if (code >= 0xdc00) return HALF;
      if (i + 1 >= data.length) return WAITS;
      const low = data.charCodeAt(i + 1);
      return low < 0xdc00 || low >= 0xe000 ? HALF : kindOf(data.slice(i, i + 2));
    }
    const known = kinds[code] ?? UNKNOWN;
    return known === UNKNOWN ? (kinds[code] = kindOf(data.charAt(i))) : known;
  }

  /** Takes in one code unit that is, or is part of, a control. @returns what passes because of it */
  private control(code: number, data: string, i: number, offset: number): string {
    switch (this.state) {
      case OSC:
        if (code === 0x07 || code === 0x9c) this.endOsc(offset);
        else if (code === 0x1b) this.state = OSC_ESCAPE;
        else if (code === 0x18 || code === 0x1a) this.state = GROUND;
        else if (code >= 0x20 && this.sequence.length < MAX_OSC) this.sequence += data.charAt(i);
        return '';
      case OSC_ESCAPE:
        // Any escape ends the string; a backslash makes the terminator of the two.
        this.endOsc(offset);
        if (code === 0x5c) return '';
        this.start(ESCAPE);
        return this.control(code, data, i, offset);
      case TEXT:
        if (code === 0x9c || code === 0x18 || code === 0x1a) this.state = GROUND;
        else if (code === 0x1b) this.state = TEXT_ESCAPE;
        return '';
      case TEXT_ESCAPE:
        this.state = GROUND;
        if (code === 0x5c) return '';
        this.start(ESCAPE);
        return this.control(code, data, i, offset);
      default:
    }
    if (code === 0x1b) return this.start(ESCAPE);
    if (code === 0x18 || code === 0x1a) return this.start(GROUND);
    if (code >= 0x80 && code < 0xa0) {
      // The 8-bit form of a control is that of 7 bits behind an escape.
      this.start(ESCAPE);
      return this.escape(code - 0x40, String.fromCharCode(code - 0x40));
    }
    if (code < 0x20) return passesC0(code) ? data.charAt(i) : '';
    if (code === 0x7f || this.state === GROUND) return '';
    if (code >= 0xa0) return this.start(GROUND);
    return this.state === ESCAPE ? this.escape(code, data.charAt(i)) : this.csi(code, data.charAt(i));
  }

  private start(state: number): '' {
    this.state = state;
    this.sequence = '';
    return '';
  }

  private endOsc(offset: number): void {
    this.state = GROUND;
    this.options.onOsc?.(this.sequence, offset);
  }

  private escape(code: number, character: string): string {
    if (this.sequence === '') {
      switch (character) {
        case '[':
          return this.start(CSI);
        case ']':
          return this.start(OSC);
        case 'P':
        case 'X':
        case '^':
        case '_':
        case 'k': // A window's title, as screen and tmux have it: screen(1), "Dynamic titles".
          return this.start(TEXT);
        default:
      }
    }
    if (code < 0x30) {
      this.sequence += character;
      return this.sequence.length > 2 ? this.start(GROUND) : '';
    }
    const sequence = this.sequence + character;
    this.start(GROUND);
    // Cursor, index, tab stops, reset; locking shifts; character sets; DECALN; default character set.
    return /^(?:[78DEHMcno|}~]|[()*+.-][0-~]|#8|%[@G])$/.test(sequence) ? `\x1b${sequence}` : '';
  }

  private csi(code: number, character: string): string {
    if (code < 0x40) {
      if (this.sequence.length < MAX_SEQUENCE) this.sequence += character;
      else this.state = CSI_IGNORE;
      return '';
    }
    const sequence = this.state === CSI ? passingSequence(this.sequence, character, this.options) : '';
    this.start(GROUND);
    return sequence;
  }
}

/** BS, HT, LF, VT, FF, CR, SO, SI. The bell stays silent. */
function passesC0(code: number): boolean {
  return code >= 0x08 && code <= 0x0f;
}

function passingSequence(body: string, final: string, size: {cols: number; rows: number}): string {
  const match = /^([<=>?]?)([0-9:;]*)([ -/]*)$/.exec(body);
  if (!match) return '';
  const [, prefix = '', parameters = '', intermediate = ''] = match;
  const rule = controlSequences.get(prefix + intermediate + final);
  switch (rule) {
    case undefined:
      return '';
    case 'colours':
      return `\x1b[${parameters}m`;
    case 'modes': {
      const known = prefix === '?' ? privateModes : modes;
      const passing = parameters
        .split(';')
        .map(normalNumber)
        .filter((mode) => known.has(mode));
      return passing.length > 0 ? `\x1b[${prefix}${passing.join(';')}${final}` : '';
    }
    default: {
      if (parameters.includes(':')) return '';
      const most = rule === 'free' ? MAX_NUMBER : size[rule];
      const bounded = parameters.replace(/\d+/g, (number) => (Number(number) > most ? String(most) : number));
      return `\x1b[${prefix}${bounded}${intermediate}${final}`;
    }
  }
}

function normalNumber(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

/** A line of text for people, such as a title or a caption: no controls, no characters that reorder or hide text. */
export function plainText(text: string): string {
  return new Sanitizer({cols: MAX_NUMBER, rows: MAX_NUMBER})
    .push(text)
    .replace(/\x1b(?:\[[^@-~]*[@-~]|[ -/]*[0-~])/g, '')
    .replace(/[\x00-\x1f]+/g, ' ')
    .trim();
}
