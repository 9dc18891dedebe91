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

/** What must be seen. */
const pattern = v.pipe(
  v.instance(RegExp),
  v.check(
    (expected) => !expected.global && !expected.sticky,
    'the pattern has the flag g or y, which make matching depend on what was matched before',
  ),
  v.check(
    (expected) => !expected.test(''),
    ({input}) => `the pattern ${input.toString()} matches nothing at all, so it could never fail`,
  ),
);

/** A title of a player or of an experiment. */
const title = v.pipe(
  v.string(),
  v.check((text) => text.trim() !== '', 'the title is empty'),
);

/** What a session finds on its host. */
const equipment = {
  /** Go packages of `code/` that are built and put into the PATH, as `./steps/01-namespaces`. */
  programs: v.optional(v.array(v.string())),
  /** Files of the repository that are copied into the home directory. */
  files: v.optional(v.array(v.string())),
};

/** Seconds that a step may take. */
const timeout = v.optional(v.pipe(v.number(), v.gtValue(0)));

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
  expect: pattern,
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
  timeout,
  /** Seconds to rest before typing, for the reader to read what is there. Default: by the amount there is to read. */
  pause: v.optional(v.pipe(v.number(), v.minValue(0))),
});

const recordingSchema = v.strictObject({
  /** Title of the player and of the cast's header. */
  title,
  /** Width of the terminal in cells. 80 and less fits a page. */
  cols: cells(20, 120),
  /** Height of the terminal in cells. */
  rows: cells(5, 50),
  ...equipment,
  steps: v.pipe(
    v.array(stepSchema),
    v.minLength(1, 'there are no steps'),
    v.check((steps) => steps.length === 0 || steps[0]?.caption !== undefined, 'the first step has no caption'),
  ),
});

const commandSchema = v.strictObject({
  /** A command line, as it stands on the page. */
  run: v.pipe(
    v.string(),
    v.check((run) => run.trim() !== '', 'the command is empty'),
    v.check((run) => !/[\n\r]/.test(run), 'the command has a line break; make it two'),
  ),
  /** What it must print: matched against its output alone. Left out where it prints nothing. */
  expect: v.optional(pattern),
  /** The exit status that it must have. Default: 0. The status of a shell that it starts is that shell's last. */
  status: v.optional(
    v.pipe(
      v.number(),
      v.check((status) => Number.isInteger(status) && status >= 0 && status <= 255, 'the status is not a whole number from 0 to 255'),
    ),
  ),
  /** Seconds within which it must end. Default: 10. */
  timeout,
});

const experimentSchema = v.strictObject({
  /** What it shows, as a sentence: the heading of a proof. */
  title,
  /**
   * Where it runs. `stage`, the default: a host made of namespaces, with shared mounts as systemd leaves them, so that
   * nothing lasts. `machine`: the initial namespaces of the virtual machine, where numbers are those of a real host;
   * what such an experiment changes, it must change back.
   */
  host: v.optional(v.picklist(['stage', 'machine'])),
  ...equipment,
  commands: v.pipe(v.array(commandSchema), v.minLength(1, 'there are no commands')),
});

/** One thing that is typed, and what must come back before the session goes on. */
export type Step = v.InferOutput<typeof stepSchema>;

/** A scripted session: what `sessions/recordings/<name>.ts` exports by default. */
export type Recording = v.InferOutput<typeof recordingSchema>;

/** A command of an experiment, and what must come back. */
export type Command = v.InferOutput<typeof commandSchema>;

/** Commands with what must come back: what `sessions/experiments/<name>.ts` exports by default. */
export type Experiment = v.InferOutput<typeof experimentSchema>;

/** Gives a script its type, for the editor. What types cannot hold is checked by {@link checkRecording} when it is read. */
export const defineRecording = (recording: Recording): Recording => recording;

/** Gives an experiment its type, for the editor. What types cannot hold is checked by {@link checkExperiment}. */
export const defineExperiment = (experiment: Experiment): Experiment => experiment;

/**
 * Checks what a script of a recording exports.
 *
 * @param file path of the script from the root of the repository, for messages
 * @throws Error with one line for each mistake: `file: field: what is wrong`
 */
export const checkRecording = (file: string, exported: unknown): Recording => check(recordingSchema, file, exported);

/** The same for an experiment. */
export const checkExperiment = (file: string, exported: unknown): Experiment => check(experimentSchema, file, exported);

function check<Schema extends v.GenericSchema>(schema: Schema, file: string, exported: unknown): v.InferOutput<Schema> {
  const {success, output, issues} = v.safeParse(schema, exported);
  if (success) return output;
  throw new Error(issues.map((issue) => [file, v.getDotPath(issue), issue.message].filter((part) => part !== null).join(': ')).join('\n'));
}
