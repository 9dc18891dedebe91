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

/** Words for people. @param name what they are, for messages */
const text = (name: string) =>
  v.pipe(
    v.string(),
    v.check((words) => words.trim() !== '', `the ${name} is empty`),
  );

/** A title of a player, of an experiment or of an exercise. */
const title = text('title');

/** What a session finds on its host. */
const equipment = {
  /** Go packages of `code/` that are built and put into the PATH, as `./steps/01-namespaces`. */
  programs: v.optional(v.array(v.string())),
  /** Files of the repository that are copied into the home directory. */
  files: v.optional(v.array(v.string())),
};

/** What a session asks of the place where it runs, so that a place that lacks it can say so beforehand. */
const place = {
  /** Whether the Linux in the page can run it. Default: true. */
  lab: v.optional(v.boolean()),
  /** Why the Linux in the page cannot, as a sentence. */
  why: v.optional(text('reason')),
  /** The architecture that it needs, by Debian's name, where processors differ. Default: each does. */
  architecture: v.optional(v.picklist(['amd64', 'arm64'])),
};

/** A place that lacks something says why, and no other does. */
const reasonGiven = <Fields extends {lab?: boolean | undefined; why?: string | undefined}>() =>
  v.check(({lab, why}: Fields) => (lab === false) === (why !== undefined), 'lab: false and why, its reason, go together');

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
  /** Seconds within which `expect` and the prompt must come. Default: 30. */
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
  /** Seconds within which it must end. Default: 30. */
  timeout,
});

const experimentFields = v.strictObject({
  /** What it shows, as a sentence: the heading of a proof. */
  title,
  ...place,
  /**
   * Where it runs. `stage`, the default: a host made of namespaces, with shared mounts as systemd leaves them, so that
   * nothing lasts. `machine`: the initial namespaces of the virtual machine, where numbers are those of a real host;
   * what such an experiment changes, it must change back.
   */
  host: v.optional(v.picklist(['stage', 'machine'])),
  ...equipment,
  commands: v.pipe(v.array(commandSchema), v.minLength(1, 'there are no commands')),
});

const experimentSchema = v.pipe(experimentFields, reasonGiven());

/** A script for bash. */
const script = text('script');

/** A Go package of `code/`, as `./steps/01-namespaces`. */
const goPackage = v.pipe(
  v.string(),
  v.regex(/^\.\/[a-z0-9-]+(\/[a-z0-9-]+)*$/, 'is not a package of code/, such as ./steps/01-namespaces'),
);

const exerciseFields = {
  title,
  /** What is to be done, for the terminal: a few sentences that stand without the page. */
  task: text('task'),
  ...equipment,
  ...place,
  /** Who does it. Default: learner, the ordinary user of the machine, who may use sudo. */
  user: v.optional(v.picklist(['root', 'learner'])),
  /** Makes the place, as root, before the reader comes. What it prints is shown below the task. */
  setUp: v.optional(script),
  /**
   * Looks whether it is done, as root, in the initial namespaces. For each thing that is not, it calls `missing TEXT`,
   * and goes on or ends with `exit 1`: done is what ends with status 0. It judges by what there is at that time, never by
   * a number that it knows. What it starts it ends, so that it can be asked again.
   */
  check: script,
  /** What the check says before anything is done. */
  undone: pattern,
  /** Help, in the order in which it is given: the first leads to the idea, the last nearly to the solution. */
  hints: v.pipe(v.array(text('hint')), v.minLength(1, 'there are no hints')),
};

/** Something done in the machine, by commands. */
const commandsExercise = v.strictObject({
  /** What the reader does: looks at what is there, or breaks or mends it. */
  kind: v.picklist(['observe', 'mend']),
  ...exerciseFields,
  /** Does what a reader would do, as that user. `solution` shows it in the machine. */
  solution: script,
  /** Halves of a solution and errors that people make, one after the other, each with what the check says then. */
  attempts: v.optional(v.array(v.strictObject({run: script, missing: pattern}))),
});

/** A program to be written, in any language: its check gets the path of one as `$1` and knows nothing else of it. */
const programExercise = v.strictObject({
  /** What the reader's program is: one of the chapter with something new, or the chapter's last stage itself. */
  kind: v.picklist(['extend', 'stage']),
  ...exerciseFields,
  /** The program that the reader begins with. It lies in `/share`; the check refuses it and says `undone`. */
  begin: goPackage,
  /** The program that does it. `solution` shows in the machine what it has that `begin` does not. */
  solution: goPackage,
  /** The same in another language, each as a script for sh: the check takes any program that keeps the contract. */
  others: v.pipe(v.array(script), v.minLength(1, 'there is no program in another language')),
  /** Programs that break the contract, Go packages or scripts for sh, each with what the check says of it. */
  attempts: v.optional(v.array(v.strictObject({program: v.union([goPackage, script]), missing: pattern}))),
});

const exerciseSchema = v.variant('kind', [v.pipe(commandsExercise, reasonGiven()), v.pipe(programExercise, reasonGiven())]);

/** One thing that is typed, and what must come back before the session goes on. */
export type Step = v.InferOutput<typeof stepSchema>;

/** A scripted session: what `sessions/recordings/<name>.ts` exports by default. */
export type Recording = v.InferOutput<typeof recordingSchema>;

/** A command of an experiment, and what must come back. */
export type Command = v.InferOutput<typeof commandSchema>;

/** Commands with what must come back: what `sessions/experiments/<name>.ts` exports by default. */
export type Experiment = v.InferOutput<typeof experimentSchema>;

/** A task whose check reports whether it is done: what `sessions/exercises/<name>.ts` exports by default. */
export type Exercise = v.InferOutput<typeof exerciseSchema>;

/** An exercise whose result is a program. */
export type ProgramExercise = v.InferOutput<typeof programExercise>;

/** Gives a script its type, for the editor. What types cannot hold is checked by {@link checkRecording} when it is read. */
export const defineRecording = (recording: Recording): Recording => recording;

/** Gives an experiment its type, for the editor. What types cannot hold is checked by {@link checkExperiment}. */
export const defineExperiment = (experiment: Experiment): Experiment => experiment;

/** The same for an exercise, with {@link checkExercise}. */
export const defineExercise = (exercise: Exercise): Exercise => exercise;

/**
 * Checks what a script of a recording exports.
 *
 * @param file path of the script from the root of the repository, for messages
 * @throws Error with one line for each mistake: `file: field: what is wrong`
 */
export const checkRecording = (file: string, exported: unknown): Recording => check(recordingSchema, file, exported);

/** The same for an experiment. */
export const checkExperiment = (file: string, exported: unknown): Experiment => check(experimentSchema, file, exported);

/** The same for an exercise. */
export const checkExercise = (file: string, exported: unknown): Exercise => check(exerciseSchema, file, exported);

function check<Schema extends v.GenericSchema>(schema: Schema, file: string, exported: unknown): v.InferOutput<Schema> {
  const {success, output, issues} = v.safeParse(schema, exported);
  if (success) return output;
  throw new Error(issues.map((issue) => [file, v.getDotPath(issue), issue.message].filter((part) => part !== null).join(': ')).join('\n'));
}
