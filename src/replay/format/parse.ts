import {CastError} from './error.ts';
import type {Cast, CastEvent, CastHeader, CastLimits} from './types.ts';

const MiB = 2 ** 20;

/** Bounds for recordings that people bring; a recording of a page is far below them. */
export const defaultLimits: CastLimits = {
  bytes: 100 * MiB,
  events: 5_000_000,
  cols: 1000,
  rows: 500,
  line: 4 * MiB,
  header: 64 * 1024,
  duration: 7 * 24 * 3600,
};

/** Size of a terminal whose recording does not say it: that of a VT100, and what programs take it for themselves. */
const usualSize = {cols: 80, rows: 24};

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses an asciicast file of version 1, 2 or 3 (https://docs.asciinema.org/manual/asciicast/v3/ and its siblings).
 *
 * Events of kinds that the format may gain later are skipped; their time still counts. All else that is not as the
 * format says is an error: nothing is guessed, nothing half-read is returned.
 *
 * @param input the file's bytes, or its text
 * @param source name of the file, for errors
 * @throws CastError naming line and field when the file is not what the format says or is beyond `limits`
 */
export function parseCast(input: Uint8Array | string, source: string, limits: Partial<CastLimits> = {}): Cast {
  return new Parser(source, {...defaultLimits, ...limits}).parse(input);
}

class Parser {
  /** The line that is being read, counted from 1. */
  private line = 1;
  private readonly events: CastEvent[] = [];

  constructor(
    private readonly source: string,
    private readonly limits: CastLimits,
  ) {}

  parse(input: Uint8Array | string): Cast {
    const text = this.decode(input);
    const end = lineEnd(text, 0);
    const firstLine = text.slice(0, end);
    if (firstLine.trim() === '')
      this.fail('header', 'a JSON object in the first line', text.trim() === '' ? 'an empty file' : 'an empty line');
    // A version 1 file is a single JSON object, on one line or on many.
    const whole = firstLine.trimStart().startsWith('{') && (end >= text.length || !isJson(firstLine));
    if (whole) this.refuseHeaderOnManyLines(text, end);
    const header = this.json(whole ? text : firstLine, 'header');
    if (!isObject(header)) this.fail('header', 'a JSON object', excerpt(header));
    switch (header.version) {
      case 1:
        return this.version1(header);
      case 2:
      case 3: {
        if (end > this.limits.header) this.fail('header', `at most ${this.limits.header} characters`, `${end} characters`);
        const parsed = header.version === 2 ? this.header(header, 2, header.width, header.height, 'width', 'height') : this.header3(header);
        return this.lines(text, end + 1, parsed);
      }
      default:
        return this.fail('header.version', '1, 2 or 3', excerpt(header.version));
    }
  }

  /** A header of version 2 or 3 that some tool has laid out on many lines cannot be told from what follows it. */
  private refuseHeaderOnManyLines(text: string, end: number): void {
    const start = text.slice(0, this.limits.header);
    const version = /^\s*\{[^[]*?"version"\s*:\s*([23])\b/.exec(start)?.[1];
    if (version !== undefined && end < text.length && /^\s*\{\s*$|,\s*$/.test(text.slice(0, end)))
      this.fail('header', `a JSON object on one line, as version ${version} has it`, 'one that goes on in the next line');
  }

  private decode(input: Uint8Array | string): string {
    if (input.length > this.limits.bytes) this.fail('file', `at most ${this.limits.bytes} bytes`, `${input.length} bytes`);
    if (typeof input === 'string') return input.startsWith('\uFEFF') ? input.slice(1) : input;
    const decoder = new TextDecoder('utf-8', {fatal: true});
    try {
      return decoder.decode(input);
    } catch {
      // A line feed is never part of another character in UTF-8, so each line can be tried alone.
      for (let start = 0; ; this.line++) {
        const feed = input.indexOf(10, start);
        try {
          decoder.decode(input.subarray(start, feed < 0 ? undefined : feed));
        } catch {
          this.fail('file', 'UTF-8', 'bytes that are none');
        }
        if (feed < 0) this.fail('file', 'UTF-8', 'bytes that are none');
        start = feed + 1;
      }
    }
  }

  private header(value: JsonObject, version: 1 | 2 | 3, cols: unknown, rows: unknown, colsField: string, rowsField: string): CastHeader {
    const header: CastHeader = {
      version,
      cols: this.size(cols, `header.${colsField}`, 0, this.limits.cols),
      rows: this.size(rows, `header.${rowsField}`, 0, this.limits.rows),
    };
    // A recorder that had no terminal, as in a job of CI, writes zeros.
    if (header.cols === 0 || header.rows === 0) {
      header.sizeUnknown = true;
      header.cols ||= usualSize.cols;
      header.rows ||= usualSize.rows;
    }
    // The fewest that xterm.js has.
    if (header.cols === 1) header.cols = 2;
    const string = (name: 'title' | 'command'): void => {
      const field = value[name];
      if (field === undefined || field === null) return;
      if (typeof field !== 'string') this.fail(`header.${name}`, 'a string', excerpt(field));
      header[name] = field;
    };
    const number = (name: string, set: (n: number) => void): void => {
      const field = value[name];
      if (field === undefined || field === null) return;
      if (typeof field !== 'number' || !Number.isFinite(field) || field < 0)
        this.fail(`header.${name}`, 'a number of at least 0', excerpt(field));
      set(field);
    };
    string('title');
    string('command');
    number('timestamp', (n) => (header.timestamp = n));
    number('idle_time_limit', (n) => (header.idleTimeLimit = n));
    const tags: unknown = value.tags;
    if (tags !== undefined && tags !== null) {
      if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string'))
        this.fail('header.tags', 'an array of strings', excerpt(tags));
      header.tags = tags;
    }
    return header;
  }

  private header3(value: JsonObject): CastHeader {
    if (!isObject(value.term)) this.fail('header.term', 'an object with cols and rows', excerpt(value.term));
    return this.header(value, 3, value.term.cols, value.term.rows, 'term.cols', 'term.rows');
  }

  private version1(value: JsonObject): Cast {
    const header = this.header(value, 1, value.width, value.height, 'width', 'height');
    const stdout: unknown = value.stdout;
    if (!Array.isArray(stdout)) this.fail('header.stdout', 'an array of [delay, data] pairs', excerpt(stdout));
    let time = 0;
    for (const [i, frame] of (stdout as unknown[]).entries()) {
      const field = `stdout[${i}]`;
      if (!Array.isArray(frame) || frame.length !== 2) this.fail(field, 'a [delay, data] pair', excerpt(frame));
      const [delay, data] = frame as [unknown, unknown];
      time = Math.round((time + this.seconds(delay, `${field}[0]`)) * 1e6) / 1e6;
      this.add(time, 'o', data, `${field}[0]`, `${field}[1]`);
    }
    return this.cast(header, time);
  }

  private lines(text: string, start: number, header: CastHeader): Cast {
    const relative = header.version === 3;
    let time = 0;
    let end: number;
    for (let from = start; from < text.length; from = end + 1) {
      this.line++;
      end = lineEnd(text, from);
      if (end - from > this.limits.line) this.fail('event', `at most ${this.limits.line} characters`, `${end - from} characters`);
      const first = text.charCodeAt(from);
      if (first !== 0x5b /* [ */ && ((relative && first === 0x23) /* # */ || text.slice(from, end).trim() === '')) continue;
      const event = this.json(text.slice(from, end), 'event', end >= text.length);
      if (!Array.isArray(event) || event.length !== 3) this.fail('event', 'an array [time, code, data]', excerpt(event));
      const [at, code, data] = event as [unknown, unknown, unknown];
      const seconds = this.seconds(at, 'event.time');
      if (!relative && seconds < time) this.fail('event.time', `at least ${time}, the time of the event before`, String(seconds));
      // Summing leaves a noise of 1e-15 s behind, which would show in addresses and attributes.
      time = relative ? Math.round((time + seconds) * 1e6) / 1e6 : seconds;
      this.add(time, code, data, 'event.time', 'event.data');
    }
    return this.cast(header, time);
  }

  private add(time: number, code: unknown, data: unknown, timeField: string, dataField: string): void {
    if (time > this.limits.duration) this.fail(timeField, `a recording of at most ${this.limits.duration} seconds`, `${time} seconds`);
    if (typeof code !== 'string') this.fail('event.code', 'a string', excerpt(code));
    // What the data of kinds to come may be is not known.
    if (!/^[oimrx]$/.test(code)) return;
    if (typeof data !== 'string') this.fail(dataField, 'a string', excerpt(data));
    if (data.length > this.limits.line) this.fail(dataField, `at most ${this.limits.line} characters`, `${data.length} characters`);
    switch (code) {
      case 'o':
      case 'i':
      case 'm':
        break;
      case 'r': {
        const size = parseResize(data);
        if (!size) this.fail(dataField, 'a size such as "80x24"', excerpt(data));
        this.size(size.cols, dataField, 0, this.limits.cols);
        this.size(size.rows, dataField, 0, this.limits.rows);
        // No terminal was there any more, or not yet.
        if (size.cols === 0 || size.rows === 0) return;
        break;
      }
      case 'x':
        if (!/^-?\d{1,10}$/.test(data)) this.fail(dataField, 'an exit status such as "0"', excerpt(data));
        break;
      default:
        return;
    }
    if (this.events.length >= this.limits.events) this.fail('file', `at most ${this.limits.events} events`, 'more');
    this.events.push({time, code, data});
  }

  private cast(header: CastHeader, duration: number): Cast {
    return {header, events: this.events, duration};
  }

  private json(text: string, field: 'header' | 'event', last = false): unknown {
    try {
      return JSON.parse(text);
    } catch {
      const control = rawControl(text);
      if (control !== undefined) {
        const {line, column, code} = control;
        this.line += line;
        this.fail(field, 'JSON', `a control character that is not escaped, U+${code} in column ${column}`);
      }
      const number = /^\s*\[\s*([+-]?(?:NaN|Infinity))\b/.exec(text);
      if (number) return this.fail('event.time', 'a finite number of seconds', number[1] ?? '');
      if (last && field === 'event')
        return this.fail(field, 'a whole JSON array [time, code, data]', `${excerpt(text)}, where the file ends`);
      return this.fail(field, field === 'header' ? 'a JSON object' : 'a JSON array [time, code, data]', excerpt(text));
    }
  }

  private seconds(value: unknown, field: string): number {
    if (typeof value !== 'number' || !Number.isFinite(value)) this.fail(field, 'a finite number of seconds', excerpt(value));
    if (value < 0) this.fail(field, 'at least 0', String(value));
    return value;
  }

  private size(value: unknown, field: string, least: number, most: number): number {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      this.fail(field, `a whole number from ${least} to ${most}`, excerpt(value));
    }
    return value;
  }

  private fail(field: string, expected: string, found: string): never {
    throw new CastError(this.source, this.line, field, expected, found);
  }
}

/**
 * The first control character within a string of JSON, where it must be written as an escape (RFC 8259, section 7): its
 * line, counted from 0, its column, counted from 1, and its code point in hexadecimal.
 */
function rawControl(text: string): {line: number; column: number; code: string} | undefined {
  for (const {0: token, index} of text.matchAll(/"(?:[^"\\]|\\.)*"?/gs)) {
    const at = token.search(/[\x00-\x1f]/);
    // A line that ends within a string is one that was cut off.
    if (at < 0 || token[at] === '\r' || token[at] === '\n') continue;
    const before = text.slice(0, index + at);
    return {
      line: before.split('\n').length - 1,
      column: before.length - before.lastIndexOf('\n'),
      code: token.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0'),
    };
  }
  return undefined;
}

/**
 * The size that a resize event names; `undefined` when its data is none. A terminal of one column is drawn with two, the
 * fewest that xterm.js has.
 */
export function parseResize(data: string): {cols: number; rows: number} | undefined {
  const match = /^(\d{1,6})x(\d{1,6})$/.exec(data);
  if (!match) return undefined;
  const cols = Number(match[1]);
  return {cols: cols === 1 ? 2 : cols, rows: Number(match[2])};
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as an error shows it: short, on one line. */
function excerpt(value: unknown): string {
  if (value === undefined) return 'nothing';
  let text: string;
  try {
    text = JSON.stringify(typeof value === 'string' ? value.slice(0, 61) : value);
  } catch {
    // It is what JSON.parse made, so all that can fail is to go down as deep as that did.
    return 'brackets within brackets, too many to show';
  }
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
