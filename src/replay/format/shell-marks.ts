import {plainText} from './sanitize.ts';

/**
 * What a shell with integration marks by OSC 133: `A` a prompt starts, `B` it ends and a command line starts, `C` output
 * starts, `D` the command is done. See
 * https://gitlab.freedesktop.org/Per_Bothner/specifications/blob/master/proposals/semantic-prompts.md
 */
export type ShellMark = {
  kind: 'A' | 'B' | 'C' | 'D';
  /** Exit status, where `D` says one. */
  status?: number;
  /** The command line, where `C` says it, as fish and the integrations of kitty do. */
  command?: string;
};

/** Marks that mean the same: `N` starts a prompt after it ended the command before, `I` ends one up to the line's end. */
const kinds: Readonly<Record<string, ShellMark['kind']>> = {A: 'A', N: 'A', B: 'B', I: 'B', C: 'C', D: 'D'};

/**
 * Reads the payload of an OSC, what stands between `ESC ]` and its terminator.
 *
 * @param payload such as `133;D;0`
 * @returns null for any other OSC, and for the prompts of a command line's further lines (`k=c`, `k=s`) and of its right
 *   end (`k=r`), which start no command line
 */
export function parseShellMark(payload: string): ShellMark | null {
  const [, letter = '', rest = ''] = /^133;([A-Z])(?:;(.*))?$/s.exec(payload) ?? [];
  const kind = kinds[letter];
  if (kind === undefined) return null;
  const options = rest.split(';');
  if (kind === 'A' && options.some((option) => /^k=[crs]$/.test(option))) return null;
  const status = kind === 'D' ? Number.parseInt(rest, 10) : Number.NaN;
  const command = kind === 'C' ? commandOf(rest) : undefined;
  return {kind, ...(Number.isNaN(status) ? {} : {status}), ...(command ? {command} : {})};
}

/**
 * The command line in the options of `C`: `cmdline_url=`, percent-encoded, or `cmdline=`, quoted as a shell's word.
 *
 * @see https://sw.kovidgoyal.net/kitty/shell-integration/ ("Notes for shell developers")
 */
function commandOf(options: string): string | undefined {
  const [, encoded] = /(?:^|;)cmdline_url=([^;]*)/.exec(options) ?? [];
  const [, quoted] = /(?:^|;)cmdline=(.*)$/s.exec(options) ?? [];
  let command: string;
  if (encoded !== undefined) {
    try {
      command = decodeURIComponent(encoded);
    } catch {
      return undefined;
    }
  } else if (quoted !== undefined && !/^\$?['"]/.test(quoted)) command = quoted.replace(/\\(.)/gs, '$1');
  else return undefined;
  return command.split('\n').map(plainText).join('\n').trim();
}

// Made from a string, as a regular expression may not hold control characters.
const osc = new RegExp('\\u001b\\]([^\\u0007\\u001b]*)(?:\\u0007|\\u001b\\\\)', 'g');

/** All marks in a piece of output, with where they start and where they end. */
export function shellMarksIn(output: string): (ShellMark & {start: number; end: number})[] {
  return Array.from(output.matchAll(osc), ({0: {length}, 1: payload = '', index}) => {
    const mark = parseShellMark(payload);
    return mark && {...mark, start: index, end: index + length};
  }).filter((mark) => mark !== null);
}
