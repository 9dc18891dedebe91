import {describe, expect, test} from 'vitest';
import fc from 'fast-check';
import {plainText, Sanitizer} from './index.ts';

const size = {cols: 80, rows: 24};
const clean = (text: string): string => new Sanitizer(size).push(text);

describe('What does not reach the page:', () => {
  test.each([
    ['a window title', '\x1b]0;pwned\x07'],
    ['an icon name', '\x1b]1;pwned\x1b\\'],
    ['a title ended by the 8-bit terminator', '\x1b]2;pwned\x9c'],
    ['a title begun by the 8-bit introducer', '\x9d2;pwned\x07'],
    ['the clipboard', '\x1b]52;c;cm0gLXJmIC8=\x07'],
    ['a question for the clipboard', '\x1b]52;c;?\x07'],
    ['a link that runs a script', '\x1b]8;;javascript:alert(1)\x1b\\'],
    ['any link', '\x1b]8;id=1;https://example.org\x07'],
    ['another palette', '\x1b]4;1;rgb:ff/00/00\x07'],
    ['other colours for text and ground', '\x1b]10;red\x07\x1b]11;?\x07'],
    ['a notification', '\x1b]9;boo\x07\x1b]777;notify;a;b\x07'],
    ['a shell mark', '\x1b]133;C\x07'],
    ['an inline image', '\x1b]1337;File=inline=1:AAAA\x07'],
    ['an unknown command', '\x1b]99999;x\x07'],
    ['a command without end', '\x1b]0;never ends \r\n\x07'],
    ['a device control string', '\x1bP1$r0m\x1b\\'],
    ['sixel graphics', '\x1bPq#0;2;0;0;0#0~~\x1b\\'],
    ['an 8-bit device control string', '\x90q\x9c'],
    ['an application command', '\x1b_Gf=24;AAAA\x1b\\'],
    ['a privacy message', '\x1b^secret\x1b\\'],
    ['a string', '\x1bXsecret\x1b\\'],
    ['non-ASCII text in a string', '\x1b_é鴉\x1b\\'],
    ['moving the window', '\x1b[3;0;0t'],
    ['resizing the window', '\x1b[8;1000;1000t'],
    ['a report of the title', '\x1b[21t'],
    ['a question for the device', '\x1b[c\x1b[>c\x1b[=c\x1b[0c'],
    ['a question for the cursor', '\x1b[6n\x1b[?6n'],
    ['a question for a mode', '\x1b[?2026$p'],
    ['mouse reports', '\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h\x1b[?9h'],
    ['focus reports and bracketed paste', '\x1b[?1004;2004h'],
    ['modes of keys', '\x1b[?1h\x1b=\x1b>\x1b[?66h\x1b[>4;2m\x1b[>1u'],
    ['synchronised output', '\x1b[?2026h'],
    // screen(1), "Dynamic titles"; tmux(1), "NAMES AND TITLES".
    ["a window's title as screen and tmux have it", '\x1bk~/src\x1b\\'],
    ['a change of the cursor that outlives a reset', '\x1b[?12h'],
    ['the bell and other controls', '\x00\x07\x05\x7f\x80\x99'],
    ['text that runs from right to left', '\u202e\u2066\u2069\u200f\u061c'],
    ['invisible text', '\u{e0041}\ufeff\u2063\u200b'],
    ['a media copy', '\x1b[i\x1b[?5i'],
    ['a parameter of a parameter where there is none', '\x1b[1:2H'],
    ['a sequence with two intermediates', '\x1b( 0\x1b[1 !p'],
  ])('%s', (_what, sequence) => {
    const sanitizer = new Sanitizer(size);
    expect(sanitizer.push(sequence)).toBe('');
  });
});

describe('What reaches the page as it is:', () => {
  test.each([
    ['text', 'plain, é, 鴉, 🐑, e\u0301, 👩\u200d🌾\r\n\t\b\x0b\x0c\x0e\x0f'],
    ['colours', '\x1b[m\x1b[0;1;31;48;5;17;38;2;1;2;3m\x1b[4:3m\x1b[58:2::1:2:3m'],
    ['movement', '\x1b[H\x1b[10;20H\x1b[A\x1b[2B\x1b[C\x1b[D\x1b[5G\x1b[3d\x1b7\x1b8\x1bM\x1bD\x1bE'],
    ['erasing', '\x1b[K\x1b[1K\x1b[2J\x1b[3X\x1b[?J'],
    ['scrolling', '\x1b[2;5r\x1b[L\x1b[M\x1b[S\x1b[T\x1b[P\x1b[@'],
    ['screens and modes', '\x1b[?1049h\x1b[?1049l\x1b[?25l\x1b[?7l\x1b[?6h\x1b[4h\x1b[4l\x1b[20h\x1b[20l'],
    ['character sets', '\x1b(0\x1b)B\x1bn\x1bo'],
    ["resets and the cursor's shape", '\x1bc\x1b[!p\x1b[4 q\x1b#8'],
  ])('%s', (_what, sequence) => {
    expect(clean(sequence)).toBe(sequence);
  });
});

test('8-bit controls pass as those of 7 bits', () => {
  expect(clean('\x9b31mred\x84\x85\x88\x8d')).toBe('\x1b[31mred\x1bD\x1bE\x1bH\x1bM');
});

test('of several modes only the known ones pass', () => {
  expect(clean('\x1b[?1000;25;1006l\x1b[4;12h')).toBe('\x1b[?25l\x1b[4h');
});

test('text around what is left out stays', () => {
  expect(clean('\x1bk~/src\x1b\\$ ls')).toBe('$ ls');
  expect(clean('a\x1b]0;t\x07b\x1bP\x1b\\c\x1b[5nd')).toBe('abcd');
});

test('counts are bounded by the terminal, so that no line is inserted two thousand million times', () => {
  expect(clean('\x1b[2147483647L\x1b[9999999b\x1b[99999999999H')).toBe('\x1b[24L\x1b[80b\x1b[9999H');
});

test('marks stack sixteen high at most, whatever stands between them', () => {
  const marks = (text: string): number => clean(text).split('\u0301').length - 1;
  expect(marks('e' + '\u0301'.repeat(1000))).toBe(16);
  expect(marks('e' + '\u0301\x07'.repeat(1000))).toBe(16);
  expect(marks('e' + '\u0301\x1b]0;\x07'.repeat(1000))).toBe(16);
  expect(marks('e\u0301'.repeat(20))).toBe(20);
});

test('half a surrogate pair becomes the replacement character', () => {
  expect(clean('a\ud83db\udc11c')).toBe('a\uFFFDb\uFFFDc');
});

test('a sequence within a sequence ends the outer one', () => {
  expect(clean('\x1b[3\x1b[31mx')).toBe('\x1b[31mx');
  expect(clean('\x1b]0;title\x1b[31mx')).toBe('\x1b[31mx');
  expect(clean('\x1b[3\x18x')).toBe('x');
});

test('a control within a sequence acts before it, as in a terminal', () => {
  expect(clean('\x1b[3\r1m')).toBe('\r\x1b[31m');
});

test('a sequence that is cut into events waits for its rest', () => {
  const sanitizer = new Sanitizer(size);
  expect([sanitizer.push('a\x1b'), sanitizer.pending]).toEqual(['a', true]);
  expect([sanitizer.push('[3'), sanitizer.pending]).toEqual(['', true]);
  expect([sanitizer.push('1mb'), sanitizer.pending]).toEqual(['\x1b[31mb', false]);
  expect([sanitizer.push('\x1b]0;ti'), sanitizer.pending]).toEqual(['', true]);
  expect([sanitizer.push('tle\x1b'), sanitizer.pending]).toEqual(['', true]);
  expect([sanitizer.push('\\c'), sanitizer.pending]).toEqual(['c', false]);
  expect([sanitizer.push('\ud83d'), sanitizer.pending]).toEqual(['', true]);
  expect([sanitizer.push('\udc11'), sanitizer.pending]).toEqual(['🐑', false]);
});

test('shell marks are told with the place at which they stood', () => {
  const marks: [string, number][] = [];
  const sanitizer = new Sanitizer({...size, onOsc: (payload, offset) => marks.push([payload, offset])});
  expect(sanitizer.push('\x1b]133;A\x07$ \x1b]133;B\x1b\\ls\x1b]133;')).toBe('$ ls');
  sanitizer.push('C\x07');
  expect(marks).toEqual([
    ['133;A', 0],
    ['133;B', 2],
    ['133;C', 0],
  ]);
});

test('captions are one line of visible text', () => {
  expect(plainText('  a\x1b[31mb\x1b]0;x\x07\r\nc\u202ed\x1b(0  ')).toBe('ab cd');
});

const fragment = fc.oneof(
  fc.string({unit: 'binary', maxLength: 6}),
  fc.constantFrom(
    '\x1b',
    '[',
    ']',
    'P',
    '_',
    '\\',
    ';',
    '?',
    ' ',
    '"',
    'm',
    'H',
    'q',
    '0',
    '31',
    '\x07',
    '\x18',
    '\x9b',
    '\x9d',
    '\x9c',
    '\x1b]52;c;',
    '\x1b[?1000h',
    '\x1b[31m',
    'e\u0301',
    '\u0301',
    '\ud83d',
    '\udc11',
    '鴉',
    '\u202e',
    'ls\r\n',
  ),
);
const output = fc.array(fragment, {maxLength: 30}).map((parts) => parts.join(''));

test('What passes does not depend on how the output is cut into events', () => {
  fc.assert(
    fc.property(output, fc.array(fc.nat(100), {maxLength: 8}), (text, cuts) => {
      const sanitizer = new Sanitizer(size);
      const ends = [...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
      let from = 0;
      let pieces = '';
      for (const end of ends) {
        pieces += sanitizer.push(text.slice(from, end));
        from = end;
      }
      expect(pieces).toBe(clean(text));
    }),
    {numRuns: 500},
  );
});

test('What passes passes again, unchanged, and holds only controls of the list', () => {
  const allowed = /^(?:[\x08-\x0f\x20-\x7e\xa0-\u{10ffff}]|\x1b(?:\[[?]?[\d:;]*[ "'!]?[@-~]|[78DEHMcno|}~]|[()*+.-][0-~]|#8|%[@G]))*$/u;
  fc.assert(
    fc.property(output, (text) => {
      const passed = clean(text);
      expect(passed).toMatch(allowed);
      expect(clean(passed)).toBe(passed);
    }),
    {numRuns: 500},
  );
});
