import * as v from 'valibot';

/** A whole number of cells within bounds. */
const cells = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= least && value <= most,
      ({input}) => `is ${input}; a whole number from ${least} to ${most} is needed`,
    ),
  );

const stepSchema = v.strictObject({
  /** What is typed. May hold control characters, as `\x03` for Ctrl-C. */
  type: v.pipe(
    v.string(),
    v.check((type) => !/[\n\r]/.test(type), 'what is typed has a line break; make it two steps'),
  ),
  /** Whether Enter is pressed after it. Default: true. */
  enter: v.optional(v.boolean()),
  /**
   * What must be seen: matched against all that the terminal printed since the step began, what was typed and the next
   * prompt included, as plain text. A recording is a test, so choose a pattern that fails when the lesson would be wrong.
   */
  expect: v.pipe(
    v.instance(RegExp),
    v.check(
      (pattern) => !pattern.global && !pattern.sticky,
      'the pattern has the flag g or y, which make matching depend on what was matched before',
    ),
    v.check(
      (pattern) => !pattern.test(''),
      ({input}) => `the pattern ${input.toString()} matches nothing at all, so it could never fail`,
    ),
  ),
  /**
   * Whether the next prompt must appear too. Default: true. Turn it off for a program that goes on running, which a later
   * step ends.
   */
  prompt: v.optional(v.boolean()),
  /**
   * Says why this is typed. It is the marker of the step, set just before the first key. A step without a caption belongs
   * to the one before.
   */
  caption: v.optional(
    v.pipe(
      v.string(),
      v.check((caption) => caption.trim() !== '', 'the caption is empty'),
      // A marker's label is one line of the cast.
      v.check((caption) => !caption.includes('\n'), 'the caption has a line break'),
    ),
  ),
  /** Seconds within which `expect` and the prompt must come. Default: 10. */
  timeout: v.optional(v.pipe(v.number(), v.gtValue(0))),
  /** Seconds to rest before typing, for the reader to read what is there. Default: by the amount there is to read. */
  pause: v.optional(v.pipe(v.number(), v.minValue(0))),
});

const recordingSchema = v.strictObject({
  /** Title of the player and of the cast's header. */
  title: v.pipe(
    v.string(),
    v.check((title) => title.trim() !== '', 'the title is empty'),
  ),
  /** Width of the terminal in cells. 80 and less fits a page. */
  cols: cells(20, 120),
  /** Height of the terminal in cells. */
  rows: cells(5, 50),
  /** Go packages of `code/` that are built and put into the PATH, as `./steps/01-namespaces`. */
  programs: v.optional(v.array(v.string())),
  /** Files of the repository that are copied into the home directory. */
  files: v.optional(v.array(v.string())),
  steps: v.pipe(
    v.array(stepSchema),
    v.minLength(1, 'there are no steps'),
    v.check((steps) => steps.length === 0 || steps[0]?.caption !== undefined, 'the first step has no caption'),
  ),
});

/** One thing that is typed, and what must come back before the session goes on. */
export type Step = v.InferOutput<typeof stepSchema>;

/** A scripted session: what `sessions/recordings/<name>.ts` exports by default. */
export type Recording = v.InferOutput<typeof recordingSchema>;

/** Gives a script its type, for the editor. What types cannot hold is checked by {@link checkRecording} when it is read. */
export const defineRecording = (recording: Recording): Recording => recording;

/**
 * Checks what a script exports.
 *
 * @param file path of the script from the root of the repository, for messages
 * @throws Error with one line for each mistake: `file: field: what is wrong`
 */
export function checkRecording(file: string, exported: unknown): Recording {
  const {success, output, issues} = v.safeParse(recordingSchema, exported);
  if (success) return output;
  throw new Error(issues.map((issue) => [file, v.getDotPath(issue), issue.message].filter((part) => part !== null).join(': ')).join('\n'));
}
