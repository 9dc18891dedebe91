import fc from 'fast-check';
import type {Cast, CastEvent} from '../format/index.ts';

const number = fc.oneof(fc.integer({min: 0, max: 12}), fc.constant(200));
const text = fc.oneof(
  fc.constantFrom(
    'sheep',
    '$ ls -la\r\n',
    '鴉鴉鴉',
    '🐑',
    '🇩',
    '🇪',
    '❤',
    '\ufe0f',
    '\u200d',
    '👩\u200d🌾',
    '🏽',
    '1\ufe0f\u20e3',
    '\u1112',
    '\u1161',
    '\uac00',
    '\u0600',
    'e\u0301',
    '\u0301',
    '─┐',
    'a\u200db',
    ' ',
    '~~~',
  ),
  fc.string({minLength: 1, maxLength: 30}),
  fc.string({unit: 'grapheme', maxLength: 12}),
);
const colours = fc
  .array(
    fc.oneof(
      fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 21, 22, 23, 24, 25, 27, 28, 29, 31, 34, 39, 41, 47, 49, 53, 55, 59, 93, 101).map(String),
      fc.constantFrom('38;5;123', '48;5;9', '38;2;1;2;3', '48;2;200;100;50', '4:3', '4:5', '58;5;9', '58:2::1:2:3', '38:5:3'),
    ),
    {minLength: 1, maxLength: 4},
  )
  .map((codes) => `\x1b[${codes.join(';')}m`);
const control = fc.oneof(
  fc.tuple(fc.constantFrom(...'@ABCDEFGHIJKLMPSTXZ`abdegf'.split(/(?=.)/)), number).map(([final, n]) => `\x1b[${n}${final}`),
  fc.tuple(fc.constantFrom('H', 'f', 'r'), number, number).map(([final, a, b]) => `\x1b[${a};${b}${final}`),
  fc.constantFrom('\r\n', '\r', '\n', '\b', '\t', '\x0b', '\x0e', '\x0f'),
  fc.constantFrom(
    '\x1b7',
    '\x1b8',
    '\x1b[s',
    '\x1b[u',
    '\x1bD',
    '\x1bE',
    '\x1bM',
    '\x1bH',
    '\x1b[3g',
    '\x1bc',
    '\x1b[!p',
    '\x1b#8',
    '\x1bn',
    '\x1bo',
  ),
  fc.constantFrom('\x1b(0', '\x1b(B', '\x1b)0', '\x1b)A', '\x1b*K', '\x1b+=', '\x1b(Z', '\x1b%G'),
  fc
    .constantFrom('?6', '?7', '?25', '?45', '?47', '?1047', '?1048', '?1049', '4', '20', '?2004', '?1000')
    .chain((mode) => fc.constantFrom(`\x1b[${mode}h`, `\x1b[${mode}l`)),
  fc.constantFrom('\x1b[4 q', '\x1b[0 q', '\x1b[1"q', '\x1b[0"q', '\x1b[?J', '\x1b[?1K', '\x1b[2 @', '\x1b[2 A', "\x1b[2'}", "\x1b[2'~"),
  fc.constantFrom('\x1b]0;title\x07', '\x1b]52;c;eA==\x07', '\x1b]8;;https://example.org\x1b\\', '\x1bP$q\x1b\\', '\x1b[6n'),
);
/** Output of programs that use all that a terminal can do, and more than it should. */
export const output = fc
  .array(fc.oneof({weight: 3, arbitrary: text}, colours, {weight: 3, arbitrary: control}), {minLength: 1, maxLength: 10})
  .map((parts) => parts.join(''));

const event = fc.oneof(
  {weight: 20, arbitrary: output.map((data) => ({code: 'o' as const, data}))},
  fc
    .tuple(fc.integer({min: 2, max: 30}), fc.integer({min: 1, max: 10}))
    .map(([cols, rows]) => ({code: 'r' as const, data: `${cols}x${rows}`})),
  fc.constant({code: 'm' as const, data: 'Step'}),
);

/** Cuts what two events hold at another place than where it was cut: within a sequence or a character, perhaps. */
function cutElsewhere(events: {code: CastEvent['code']; data: string}[], shift: number): void {
  for (let i = 1; i < events.length; i += 3) {
    const [first, second] = [events[i - 1], events[i]];
    if (first?.code !== 'o' || second?.code !== 'o') continue;
    const all = first.data + second.data;
    const at = (first.data.length + shift) % (all.length + 1);
    first.data = all.slice(0, at);
    second.data = all.slice(at);
  }
}

/** Recordings of a small terminal; events come up to 2 s after each other, some at the same time. */
export const randomCast: fc.Arbitrary<Cast> = fc
  .record({
    cols: fc.integer({min: 2, max: 24}),
    rows: fc.integer({min: 1, max: 8}),
    parts: fc.array(fc.tuple(event, fc.constantFrom(0, 0.01, 0.1, 2)), {minLength: 1, maxLength: 40}),
    shift: fc.nat(20),
  })
  .map(({cols, rows, parts, shift}) => {
    const raw = parts.map(([{code, data}]) => ({code, data}));
    cutElsewhere(raw, shift);
    let time = 0;
    const events = raw.map(({code, data}, i) => ({time: (time += parts[i]?.[1] ?? 0), code, data}));
    return {header: {version: 3, cols, rows}, events, duration: time};
  });
