/**
 * What a shell with integration marks by OSC 133: `A` a prompt starts, `B` it ends and a command line starts, `C` output
 * starts, `D` the command is done. See
 * https://gitlab.freedesktop.org/Per_Bothner/specifications/blob/master/proposals/semantic-prompts.md
 */
export type ShellMark = {kind: 'A' | 'B' | 'C' | 'D'; /** Exit status, where `D` says one. */ status?: number};

/**
 * Reads the payload of an OSC, what stands between `ESC ]` and its terminator.
 *
 * @param payload such as `133;D;0`
 * @returns null for any other OSC
 */
export function parseShellMark(payload: string): ShellMark | null {
  const [, kind, rest = ''] = /^133;([ABCD])(?:;(.*))?$/.exec(payload) ?? [];
  if (kind === undefined) return null;
  const status = kind === 'D' ? Number.parseInt(rest, 10) : Number.NaN;
  return {kind: kind as ShellMark['kind'], ...(Number.isNaN(status) ? {} : {status})};
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
