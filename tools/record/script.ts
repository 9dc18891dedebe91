/** One thing that is typed, and what must come back before the recording goes on. */
export type Step = {
  /** What is typed. May hold control characters, as `\x03` for Ctrl-C. */
  type: string;
  /** Whether Enter is pressed after it. Default: true. */
  enter?: boolean;
  /**
   * What must be seen: matched against all that the terminal printed since the step began, what was typed and the next
   * prompt included, as plain text. A recording is a test, so choose a pattern that fails when the lesson would be wrong.
   */
  expect: RegExp;
  /**
   * Whether the next prompt must appear too. Default: true. Turn it off for a program that goes on running, which a later
   * step ends.
   */
  prompt?: boolean;
  /**
   * Says why this is typed. It is the marker of the step, set just before the first key. A step without a caption belongs
   * to the one before.
   */
  caption?: string;
  /** Seconds within which `expect` and the prompt must come. Default: 10. */
  timeout?: number;
  /** Seconds to rest before typing, for the reader to read what is there. Default: by the amount there is to read. */
  pause?: number;
};

/** A scripted session: what `recordings/<name>.ts` exports by default. */
export type Recording = {
  /** Of the player and of the cast's header. */
  title: string;
  /** Width of the terminal in cells. 80 and less fits a page. */
  cols: number;
  /** Height of the terminal in cells. */
  rows: number;
  /** Go packages of `code/` that are built and put into the PATH, as `./steps/01-namespaces`. */
  programs?: readonly string[];
  /** Files of the repository that are copied into the home directory. */
  files?: readonly string[];
  steps: readonly Step[];
};

/** Checks a script and gives it its type. */
export function defineRecording(recording: Recording): Recording {
  const problem = problemOf(recording);
  if (problem) throw new Error(`recording "${recording.title}": ${problem}`);
  return recording;
}

function problemOf({title, cols, rows, steps}: Recording): string | null {
  if (title.trim() === '') return 'the title is empty';
  for (const [name, value, least, most] of [
    ['cols', cols, 20, 120],
    ['rows', rows, 5, 50],
  ] as const) {
    if (!Number.isInteger(value) || value < least || value > most)
      return `${name} is ${value}; a whole number from ${least} to ${most} is needed`;
  }
  const [first] = steps;
  if (!first) return 'there are no steps';
  if (first.caption === undefined) return 'the first step has no caption';
  for (const [index, step] of steps.entries()) {
    const where = `step ${index + 1} (${JSON.stringify(step.type)})`;
    if (step.expect.global || step.expect.sticky)
      return `${where}: the pattern has the flag g or y, which make matching depend on what was matched before`;
    if (step.expect.test('')) return `${where}: the pattern ${step.expect.toString()} matches nothing at all, so it could never fail`;
    if (step.caption?.trim() === '') return `${where}: the caption is empty`;
    // A marker's label is one line of the cast.
    if (step.caption?.includes('\n')) return `${where}: the caption has a line break`;
    if (step.type.includes('\n') || step.type.includes('\r')) return `${where}: what is typed has a line break; make it two steps`;
  }
  return null;
}
