import {describe, expect, test} from 'vitest';
import fc from 'fast-check';
import {CastError, defaultLimits, parseCast, parseResize, type CastLimits} from './index.ts';

const v2 = (...lines: string[]): string => ['{"version": 2, "width": 80, "height": 24}', ...lines].join('\n') + '\n';
const v3 = (...lines: string[]): string => ['{"version": 3, "term": {"cols": 80, "rows": 24}}', ...lines].join('\n') + '\n';

describe('A recording of', () => {
  test('version 3 has times since the event before, comments and exit status', () => {
    const cast = parseCast(
      '{"version":3,"term":{"cols":100,"rows":30,"type":"xterm-256color","theme":{"fg":"#fff"}},"timestamp":1504467315,"idle_time_limit":2,"title":"Demo","command":"bash","tags":["a","b"],"x-sheep":{"kernel":"6.1"}}\n' +
        '# said by hand\n[0.25, "o", "hi\\r\\n"]\n\n[1, "m", "Step"]\n[0.5, "r", "90x20"]\n[0, "i", "q"]\n[0.25, "x", "0"]\n',
      'a.cast',
    );
    expect(cast).toEqual({
      header: {version: 3, cols: 100, rows: 30, timestamp: 1504467315, idleTimeLimit: 2, title: 'Demo', command: 'bash', tags: ['a', 'b']},
      events: [
        {time: 0.25, code: 'o', data: 'hi\r\n'},
        {time: 1.25, code: 'm', data: 'Step'},
        {time: 1.75, code: 'r', data: '90x20'},
        {time: 1.75, code: 'i', data: 'q'},
        {time: 2, code: 'x', data: '0'},
      ],
      duration: 2,
    });
  });

  test('version 2 has times since the start', () => {
    expect(parseCast(v2('[0.5, "o", "a"]', '[0.5, "o", "b"]', '[2, "m", ""]'), 'a.cast')).toMatchObject({
      header: {version: 2, cols: 80, rows: 24},
      events: [{time: 0.5}, {time: 0.5}, {time: 2}],
      duration: 2,
    });
  });

  test.each([undefined, 2])('version 1 is one JSON object (indented by %s)', (indent) => {
    const file = {
      version: 1,
      width: 80,
      height: 24,
      duration: 1.5,
      command: '/bin/sh',
      title: null,
      env: {},
      stdout: [
        [0.5, 'a'],
        [1, 'b'],
      ],
    };
    expect(parseCast(JSON.stringify(file, null, indent), 'a.json')).toEqual({
      header: {version: 1, cols: 80, rows: 24, command: '/bin/sh'},
      events: [
        {time: 0.5, code: 'o', data: 'a'},
        {time: 1.5, code: 'o', data: 'b'},
      ],
      duration: 1.5,
    });
  });

  test('kinds that the format may gain later is played without them, whatever their data', () => {
    const lines = ['[0.5, "z", "?"]', '[0.5, "mouse", {"x": 1}]', '[0, "y", null]', '[1, "o", "a"]'];
    expect(parseCast(v3(...lines), 'a.cast').events).toEqual([{time: 2, code: 'o', data: 'a'}]);
  });

  // What TIOCGWINSZ gives where nobody has set a size (ioctl_tty(2)); 80 × 24 is a VT100's screen.
  test.each([
    ['{"version":2,"width":0,"height":0}', 80, 24],
    ['{"version":3,"term":{"cols":0,"rows":10}}', 80, 10],
    ['{"version":1,"width":100,"height":0,"stdout":[]}', 100, 24],
  ])('a size of 0 has the usual size and says so: %s', (text, cols, rows) => {
    expect(parseCast(text, 'a.cast').header).toMatchObject({cols, rows, sizeUnknown: true});
  });

  test('one column has the two that xterm.js needs, one row has one', () => {
    const cast = parseCast('{"version":3,"term":{"cols":1,"rows":1}}\n[1,"r","1x3"]\n[1,"r","0x0"]\n', 'a.cast');
    expect(cast.header).toEqual({version: 3, cols: 2, rows: 1});
    expect(cast.events.map(({data}) => parseResize(data))).toEqual([{cols: 2, rows: 3}]);
  });

  test('no events is empty', () => {
    expect(parseCast('{"version":2,"width":80,"height":24}', 'a.cast')).toMatchObject({events: [], duration: 0});
  });

  test('a Windows editor, with byte order mark and CRLF, reads the same', () => {
    const text = v3('[1, "o", "é"]').replaceAll('\n', '\r\n');
    expect(parseCast('\uFEFF' + text, 'a.cast')).toEqual(parseCast(v3('[1, "o", "é"]'), 'a.cast'));
    expect(parseCast(new TextEncoder().encode('\uFEFF' + text), 'a.cast').events[0]?.data).toBe('é');
  });
});

type Refusal = [what: string, input: string | Uint8Array, line: number, field: string, message: RegExp, limits?: Partial<CastLimits>];

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)));

const refusals: Refusal[] = [
  ['an empty file', '', 1, 'header', /an empty file/],
  ['a file without header', '[0.1, "o", "a"]\n', 1, 'header', /expected a JSON object, found \[0\.1,/],
  ['a file that is no JSON', '#!/bin/sh\n', 1, 'header', /found "#!\/bin\/sh/],
  ['an empty first line', '\n' + v2(), 1, 'header', /an empty line/],
  ['a header that is an array', '[]', 1, 'header', /JSON object/],
  ['an unknown version', '{"version":4}\n', 1, 'header.version', /expected 1, 2 or 3, found 4/],
  ['a version that is a string', '{"version":"2","width":1,"height":1}\n', 1, 'header.version', /found "2"/],
  ['no version', '{"width":80,"height":24}\n', 1, 'header.version', /found nothing/],
  ['no width', '{"version":2,"height":24}\n', 1, 'header.width', /whole number from 0 to 1000, found nothing/],
  ['a width below 0', '{"version":2,"width":-1,"height":24}\n', 1, 'header.width', /found -1/],
  ['a width that is a string', '{"version":2,"width":"80","height":24}\n', 1, 'header.width', /found "80"/],
  ['a height that is not a whole number', '{"version":2,"width":80,"height":24.5}\n', 1, 'header.height', /found 24\.5/],
  ['a huge terminal', '{"version":3,"term":{"cols":100000,"rows":24}}\n', 1, 'header.term.cols', /found 100000/],
  ['no terminal', '{"version":3}\n', 1, 'header.term', /an object with cols and rows/],
  ['a terminal that is null', '{"version":3,"term":null}\n', 1, 'header.term', /found null/],
  ['a title that is a number', '{"version":2,"width":80,"height":24,"title":7}\n', 1, 'header.title', /a string, found 7/],
  ['tags that are a string', '{"version":2,"width":80,"height":24,"tags":"a"}\n', 1, 'header.tags', /array of strings/],
  ['tags of numbers', '{"version":2,"width":80,"height":24,"tags":[1]}\n', 1, 'header.tags', /array of strings/],
  ['an idle limit below 0', '{"version":2,"width":80,"height":24,"idle_time_limit":-1}\n', 1, 'header.idle_time_limit', /found -1/],
  ['a timestamp that is text', '{"version":2,"width":80,"height":24,"timestamp":"now"}\n', 1, 'header.timestamp', /found "now"/],
  [
    'a header that is too long',
    `{"version":2,"width":80,"height":24,"title":"${'x'.repeat(100_000)}"}\n`,
    1,
    'header',
    /at most 65536 characters/,
  ],
  ['time that runs backwards', v2('[1, "o", "a"]', '[0.9, "o", "b"]'), 3, 'event.time', /at least 1, .* found 0\.9/],
  ['an interval below 0', v3('[1, "o", "a"]', '[-0.1, "o", "b"]'), 3, 'event.time', /at least 0, found -0\.1/],
  ['a time below 0', v2('[-1, "o", "a"]'), 2, 'event.time', /at least 0/],
  ['NaN', v2('[NaN, "o", "a"]'), 2, 'event.time', /finite number of seconds, found NaN/],
  ['Infinity', v2('[-Infinity, "o", "a"]'), 2, 'event.time', /finite number of seconds, found -Infinity/],
  ['a number beyond those of a double', v2('[1e999, "o", "a"]'), 2, 'event.time', /finite number/],
  ['a time that is text', v3('["1", "o", "a"]'), 2, 'event.time', /found "1"/],
  ['a code that is a number', v3('[1, 2, "a"]'), 2, 'event.code', /a string, found 2/],
  ['data that is a number', v3('[1, "o", 2]'), 2, 'event.data', /a string, found 2/],
  ['data that is null', v3('[1, "o", null]'), 2, 'event.data', /found null/],
  ['an event of two', v3('[1, "o"]'), 2, 'event', /\[time, code, data\], found \[1,"o"\]/],
  ['an event of four', v3('[1, "o", "a", "b"]'), 2, 'event', /\[time, code, data\]/],
  ['an event that is an object', v3('{"time": 1}'), 2, 'event', /\[time, code, data\]/],
  ['a comment in version 2', v2('# no'), 2, 'event', /found "# no"/],
  [
    'a control character that is not escaped',
    v3('[1, "o", "a"]', '[1, "o", "\\u001b[31m\x1b[0m"]'),
    3,
    'event',
    /JSON, found a control character that is not escaped, U\+001B in column 21$/,
  ],
  ['a tab in the header', '{"version":2,"width":80,"height":24,"title":"a\tb"}\n', 1, 'header', /U\+0009 in column 47$/],
  [
    'a control character in a version 1 file',
    '{"version":1,"width":80,"height":24,\n"stdout":[[1,"a\x07"]]}',
    2,
    'header',
    /U\+0007 in column 16$/,
  ],
  ['an event that is nested deeply', v3('['.repeat(20_000) + ']'.repeat(20_000)), 2, 'event', /found brackets within brackets/],
  ['a header that is nested deeply', '['.repeat(20_000) + ']'.repeat(20_000), 1, 'header', /found brackets within brackets/],
  ['data that is nested deeply', v3(`[1, "o", ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}]`), 2, 'event.data', /brackets/],
  [
    'a header of version 2 on many lines',
    '{\n  "version": 2,\n  "width": 80,\n  "height": 24\n}\n[1, "o", "a"]\n',
    1,
    'header',
    /a JSON object on one line, as version 2 has it, found one that goes on in the next line/,
  ],
  [
    'one of version 3',
    '{\n  "term": {\n    "cols": 80,\n    "rows": 24\n  },\n  "version": 3\n}\n[1, "o", "a"]\n',
    1,
    'header',
    /a JSON object on one line, as version 3 has it/,
  ],
  ['a last line that is cut off', v3('[1, "o", "a"]') + '[1, "o", "b', 3, 'event', /whole JSON array .* where the file ends/],
  ['a broken line within', v3('[1, "o", "a', '[1, "o", "b"]'), 2, 'event', /JSON array .*found "\[1/],
  ['a resize that is not a size', v3('[1, "r", "80"]'), 2, 'event.data', /a size such as "80x24", found "80"/],
  ['a huge resize', v3('[1, "r", "80x99999"]'), 2, 'event.data', /whole number from 0 to 500/],
  ['an exit status that is none', v3('[1, "x", "ok"]'), 2, 'event.data', /an exit status/],
  ['bad UTF-8', bytes(v2('[1, "o", "é"]'), '[2, "o", "', [0xff], '"]\n'), 3, 'file', /UTF-8/],
  ['a character cut off at the end of the file', bytes(v2('[1, "o", "a"]'), '[2, "o", "', [0xc3]), 3, 'file', /UTF-8/],
  ['UTF-16', bytes([0xff, 0xfe, 0x7b, 0x00]), 1, 'file', /UTF-8/],
  ['too many bytes', v2(), 1, 'file', /at most 10 bytes/, {bytes: 10}],
  ['too many events', v2('[1,"o",""]', '[1,"o",""]', '[1,"o",""]'), 4, 'file', /at most 2 events/, {events: 2}],
  ['a line that is too long', v2(`[1, "o", "${'x'.repeat(200)}"]`), 2, 'event', /at most 100 characters/, {line: 100}],
  ['a recording that is too long', v3('[500000, "o", "a"]', '[500000, "o", "a"]'), 3, 'event.time', /at most 604800 seconds/],
  ['a version 1 file without stdout', '{"version":1,"width":80,"height":24}', 1, 'header.stdout', /array/],
  ['a version 1 frame of three', '{"version":1,"width":80,"height":24,"stdout":[[1,"a"],[1,"a",1]]}', 1, 'stdout[1]', /pair/],
  ['a version 1 delay below 0', '{"version":1,"width":80,"height":24,"stdout":[[-1,"a"]]}', 1, 'stdout[0][0]', /at least 0/],
  ['version 1 data that is a number', '{"version":1,"width":80,"height":24,"stdout":[[1,1]]}', 1, 'stdout[0][1]', /a string/],
  ['a version 1 file that is cut off', '{"version":1,"width":80,"height":24,"stdout":[[1,', 1, 'header', /JSON object/],
];

describe('The parser refuses', () => {
  test.each(refusals)('%s, naming line and field', (_what, input, line, field, message, limits) => {
    let error: unknown;
    try {
      parseCast(input, 'some.cast', limits);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CastError);
    expect(error).toMatchObject({source: 'some.cast', line, field});
    const text = (error as CastError).message;
    expect(text).toMatch(message);
    expect(text.startsWith(`some.cast:${line}: ${field}: expected `)).toBe(true);
    expect(text.length).toBeLessThan(250);
  });
});

test('Whatever the input, the parser returns a cast that keeps its promises or throws a CastError', () => {
  const json = fc.json({maxDepth: 2});
  const event = fc.oneof(
    fc.tuple(fc.double(), fc.constantFrom('o', 'i', 'm', 'r', 'x', 'z'), fc.string({unit: 'binary'})).map((e) => JSON.stringify(e)),
    json,
    fc.string(),
  );
  const header = fc.oneof(
    fc
      .record({version: fc.constantFrom(1, 2, 3, 4), width: fc.integer(), height: fc.integer(), stdout: fc.array(fc.anything())})
      .map((h) => JSON.stringify(h)),
    fc.constantFrom('{"version":2,"width":80,"height":24}', '{"version":3,"term":{"cols":80,"rows":24}}'),
    json,
  );
  const text = fc.tuple(header, fc.array(event, {maxLength: 6})).map(([first, rest]) => [first, ...rest].join('\n'));
  const input = fc.oneof(
    text,
    text.map((t) => new TextEncoder().encode(t)),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(input, (file) => {
      try {
        const {header: h, events, duration} = parseCast(file, 'f');
        expect(h.cols).toBeGreaterThanOrEqual(2);
        expect(h.cols).toBeLessThanOrEqual(defaultLimits.cols);
        let time = 0;
        for (const e of events) {
          expect(Number.isFinite(e.time) && e.time >= time).toBe(true);
          expect(typeof e.data).toBe('string');
          time = e.time;
        }
        expect(duration).toBeGreaterThanOrEqual(time);
      } catch (error) {
        if (!(error instanceof CastError)) throw error;
      }
    }),
    {numRuns: 300},
  );
});
