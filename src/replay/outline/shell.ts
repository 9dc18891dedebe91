import {HeadlessTerminal} from '../../terminal/headless.ts';
import {parseShellMark, type ShellMark} from '../format/index.ts';
import {alternateAfter, erases, Screens} from './screens.ts';
import type {Command} from './types.ts';

/** Commands of a recording; what is typed after that is in the recording but not in the list. */
const MOST_COMMANDS = 1000;
/** Output of one command and of all, in UTF-16 code units as the terminal gets it. */
const MOST_OUTPUT = 2 ** 18;
const MOST_OUTPUT_IN_ALL = 2 ** 23;
/** Command line, likewise. */
const MOST_LINE = 2 ** 16;
/** Prompt without a mark, likewise. */
const MOST_PROMPT = 2 ** 10;
/** Lines that a command's output may have scrolled. */
const SCROLLBACK = 10_000;

/** A command line, and the last line of the prompt that it was typed at. */
type Line = {prompt: string; text: string};
const noLine: Line = {prompt: '', text: ''};

/** Seconds without output after which a prompt is whole. */
const PAUSE = 0.05;

type Phase = 'none' | 'prompt' | 'command' | 'output';

/** Reads commands by the marks of shell integration, or without them. */
class CommandReader {
  readonly commands: Command[] = [];
  /** Whether a mark said where output starts. */
  outputMarked = false;
  private readonly terminal: HeadlessTerminal;
  private size: {cols: number; rows: number};
  private phase: Phase = 'none';
  private keyed = false;
  private prompt = '';
  private text = '';
  /** The end of the output, while nothing marks where a prompt starts. */
  private tail = '';
  private skipped = 0;
  private spent = 0;
  private promptTime = 0;
  private started = 0;
  private line: Line = noLine;
  /** Whether a full-screen program has the screen. */
  private alternate = false;
  private readonly screens = new Screens();
  /** Lines that the transcript has. */
  private readonly known = new Set<string>();

  /** Where the command line starts in `text`, while only the start of the prompt is marked: at its first pause. */
  private paused = 0;
  private outputAt = 0;
  /** Seconds at which the line of a command without mark of its output ended. */
  private entered = 0;

  constructor(
    cols: number,
    rows: number,
    private readonly marked: boolean,
  ) {
    this.size = {cols, rows};
    this.terminal = new HeadlessTerminal(cols, rows, SCROLLBACK);
  }

  /** Whether all is read that will be. */
  private get full(): boolean {
    return this.commands.length >= MOST_COMMANDS;
  }

  get looking(): boolean {
    return !this.full && !this.screens.full && (this.phase === 'output' || (!this.marked && !this.keyed));
  }

  screen(time: number, rows: readonly string[], alternate: boolean): void {
    this.screens.note(time, rows, alternate);
  }

  resize(cols: number, rows: number): void {
    this.size = {cols, rows};
  }

  /**
   * @param text sanitised output
   * @param time seconds at which it came
   */
  output(text: string, time: number): void {
    if (this.full || text === '') return;
    if (this.phase === 'prompt' && time - this.outputAt > PAUSE) this.pause();
    this.outputAt = time;
    if (this.phase === 'command' && this.entered === 0 && text.includes('\n')) this.entered = time;
    this.alternate = alternateAfter(text) ?? this.alternate;
    const most = this.phase === 'output' || this.phase === 'none' ? Math.min(MOST_OUTPUT, MOST_OUTPUT_IN_ALL - this.spent) : MOST_LINE;
    if (!this.marked) this.tail = (this.tail + text.slice(-MOST_PROMPT)).slice(-MOST_PROMPT);
    const room = Math.max(most - this.text.length, 0);
    this.text += room < text.length ? text.slice(0, room) : text;
    this.skipped += Math.max(text.length - room, 0);
  }

  mark(mark: ShellMark, time: number): void {
    if (this.full) return;
    switch (mark.kind) {
      case 'A':
        this.endUnmarkedOutput();
        this.endOutput(time);
        this.startPrompt(time);
        break;
      case 'B':
        if (this.phase === 'output') this.endOutput(time);
        if (this.phase !== 'prompt') this.startPrompt(time);
        this.startCommand();
        break;
      case 'C':
        this.outputMarked = true;
        if (this.phase === 'prompt') this.startCommandAtPause();
        this.startOutput(time, mark.command);
        break;
      default:
        this.endUnmarkedOutput();
        this.endOutput(time, mark.status);
        this.phase = 'none';
    }
  }

  input(data: string, time: number): void {
    // Keys that a full-screen program takes are not a command line.
    if (this.full || this.alternate || data === '') return;
    if (this.marked) {
      if (this.phase === 'prompt') this.pause();
      return;
    }
    if (!this.keyed) this.startPrompt(0);
    this.keyed = true;
    if (this.phase === 'output') {
      this.endOutput(time);
      this.startPrompt(time);
    }
    if (this.phase === 'prompt') this.startCommand();
    if (/[\r\n]/.test(data)) this.startOutput(time);
  }

  /** @param end seconds at which the recording ends */
  finish(end: number): Command[] {
    if (!this.marked && !this.keyed) {
      this.phase = 'output';
      this.started = this.promptTime = 0;
    }
    this.endOutput(end);
    this.dispose();
    return this.commands;
  }

  dispose(): void {
    this.terminal.dispose();
  }

  private forget(): void {
    this.text = '';
    this.skipped = 0;
  }

  private startPrompt(time: number): void {
    this.phase = 'prompt';
    this.promptTime = time;
    this.paused = 0;
    this.outputAt = time;
    if (this.marked) this.forget();
  }

  private startCommand(): void {
    this.prompt = this.marked ? this.text : this.tail.slice(this.tail.lastIndexOf('\n') + 1);
    this.phase = 'command';
    this.entered = 0;
    this.forget();
  }

  /** The shell waits for keys: what it has shown since the prompt's mark is the prompt. */
  private pause(): void {
    if (this.paused === 0) this.paused = this.text.length;
  }

  /** Parts prompt and command line where the first pause was, or after a prompt that was there before. */
  private startCommandAtPause(): void {
    const {text, prompt} = this;
    const end = this.paused || (prompt !== '' && text.startsWith(prompt) ? prompt.length : 0);
    this.startCommand();
    this.prompt = text.slice(0, end);
    this.text = text.slice(end);
  }

  /** Parts a command line from its output where only the end of both is marked: at the first line feed. */
  private endUnmarkedOutput(): void {
    const end = this.text.indexOf('\n');
    if (this.phase !== 'command' || this.outputMarked || end < 0) return;
    const {text, entered} = this;
    this.text = text.slice(0, end);
    this.startOutput(entered);
    this.text = text.slice(end + 1);
  }

  /** @param command the command line, where the shell says it */
  private startOutput(time: number, command = ''): void {
    if (this.phase === 'output') return;
    this.line = this.phase === 'command' ? this.read(this.prompt, this.text) : noLine;
    const {prompt, text} = this.line;
    // A shell that says it may have shown it in any way, such as with a suggestion behind it.
    if (command !== '' && text.trim() !== command) {
      const shown =
        prompt === '' && text.trim().endsWith(command) ? (text.trim().slice(0, -command.length).split('\n').at(-1) ?? '') : prompt;
      this.line = {prompt: shown.trim(), text: command};
    }
    this.phase = 'output';
    this.started = time;
    this.screens.forget();
    this.forget();
  }

  private endOutput(time: number, exit = Number.NaN): void {
    if (this.phase !== 'output') return;
    const {keyed, marked, skipped} = this;
    let {text} = this;
    this.spent += text.length;
    // What follows the last line feed is the next prompt; what precedes the first one is the Enter that was typed.
    if (keyed && !marked) text = text.slice(text.indexOf('\n') + 1, text.lastIndexOf('\n') + 1);
    const {line} = this;
    if ((line.text !== '' || (!marked && !keyed)) && !this.full) {
      let output = this.read('', text).text;
      for (const known of [`${line.prompt} ${line.text.trim()}`.trim(), ...output.split('\n')]) this.known.add(known.trim());
      const screens = this.screens.take(erases(text), (row) => this.known.has(row) || output.includes(row));
      if (skipped > 0) output += `\n[${skipped.toLocaleString('en')} more characters are in the recording.]`;
      this.commands.push({
        time: this.started,
        end: time,
        promptTime: this.promptTime,
        ...(line.prompt === '' ? {} : {prompt: line.prompt}),
        text: line.text.trim(),
        output,
        ...(Number.isNaN(exit) ? {} : {exit}),
        ...(screens.length === 0 ? {} : {screens}),
      });
    }
    this.line = noLine;
    this.phase = 'none';
    if (marked) this.forget();
    else this.skipped = 0;
  }

  /** What `text` leaves on a terminal that shows `prompt` already: whole lines, no blank ones at the end. */
  private read(prompt: string, text: string): Line {
    if (text === '') return noLine;
    const {terminal, size} = this;
    // Only now has it its new size, and first nothing of the output before, so that no line of that is changed for it.
    terminal.reset();
    if (terminal.cols !== size.cols || terminal.rows !== size.rows) terminal.restart(size.cols, size.rows);
    // Unless something is written first, a mark at the start would join what the terminal showed before.
    terminal.take(prompt || '\x1b[m');
    const buffer = terminal.buffer.normal;
    const start = {x: Math.min(buffer.cursorX, terminal.cols - 1), y: buffer.baseY + buffer.cursorY};
    const lastOfPrompt = buffer.getLine(start.y)?.translateToString(true, 0, start.x) ?? '';
    terminal.take(text);
    const lines: string[] = [];
    for (let y = start.y; y < buffer.length; y++) {
      const row = buffer.getLine(y);
      if (!row) break;
      const wraps = buffer.getLine(y + 1)?.isWrapped ?? false;
      const part = row.translateToString(!wraps, y === start.y ? start.x : 0);
      if (row.isWrapped && lines.length > 0) lines.push((lines.pop() ?? '') + part);
      else lines.push(part);
    }
    return {
      prompt: lastOfPrompt.trim(),
      text: lines
        .map((line) => line.trimEnd())
        .join('\n')
        .trimEnd(),
    };
  }
}

/**
 * Reads commands, their output and exit status from a recorded shell.
 *
 * Shells with integration say where prompt, command line, output and end are ({@link parseShellMark}), or some of that.
 * Without it, or where it makes no sense, recorded key presses tell: a command line is what appears from the first key to
 * Enter, so a password that is not shown is not read either. What was printed is read off a terminal, so line editing and
 * progress bars leave what they left on the screen.
 */
export class ShellReader {
  private readonly marked: CommandReader;
  private readonly unmarked: CommandReader;

  constructor(cols: number, rows: number) {
    this.marked = new CommandReader(cols, rows, true);
    this.unmarked = new CommandReader(cols, rows, false);
  }

  /** Whether what the screen shows may belong to a command. */
  get looking(): boolean {
    return this.marked.looking || this.unmarked.looking;
  }

  /**
   * Takes in what the screen shows when it can be read.
   *
   * @param time seconds since when it shows that
   * @param alternate whether it is the alternate screen
   */
  screen(time: number, rows: readonly string[], alternate: boolean): void {
    for (const reader of [this.marked, this.unmarked]) if (reader.looking) reader.screen(time, rows, alternate);
  }

  resize(cols: number, rows: number): void {
    for (const reader of [this.marked, this.unmarked]) reader.resize(cols, rows);
  }

  /**
   * @param text sanitised output
   * @param time seconds at which it came
   */
  output(text: string, time: number): void {
    for (const reader of [this.marked, this.unmarked]) reader.output(text, time);
  }

  /** Takes in an OSC: of number 133, or of no concern. */
  mark(payload: string, time: number): void {
    const mark = parseShellMark(payload);
    if (mark) this.marked.mark(mark, time);
  }

  /** Takes in key presses. */
  input(data: string, time: number): void {
    for (const reader of [this.marked, this.unmarked]) reader.input(data, time);
  }

  /** @param end seconds at which the recording ends */
  finish(end: number): Command[] {
    const marked = this.marked.finish(end);
    const sensible = this.marked.outputMarked || marked.length > 0;
    if (!sensible) return this.unmarked.finish(end);
    this.unmarked.dispose();
    return marked;
  }
}
