import * as v from 'valibot';

const shownSchema = v.strictObject({
  /** What the shell had printed before the command: whose machine, which folder, whether root. */
  prompt: v.string(),
  command: v.string(),
  /** What the command printed, standard output and standard error as a terminal shows them. Lines end without blanks. */
  output: v.string(),
  /** Its exit status; null while a shell that it started waits for more. */
  status: v.nullable(v.number()),
});

const resultSchema = v.strictObject({
  title: v.string(),
  /** Release of the kernel that it ran on, as `uname -r` prints it. */
  kernel: v.string(),
  /** Day on which it ran, as in 2026-06-01. */
  date: v.pipe(v.string(), v.isoDate()),
  commands: v.array(shownSchema),
});

/** A command that ran, and what came back. */
export type Shown = v.InferOutput<typeof shownSchema>;

/** What an experiment showed: the content of `static/experiments/<name>.json`. */
export type Result = v.InferOutput<typeof resultSchema>;

/** Folder of the results, from the root of the repository. */
export const resultsFolder = 'static/experiments';

/**
 * Reads a result.
 *
 * @param file path from the root of the repository, for messages
 * @throws Error that names the file and the first mistake
 */
export function parseResult(file: string, text: string): Result {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file}: not JSON: ${error instanceof Error ? error.message : String(error)}`, {cause: error});
  }
  const {success, output, issues} = v.safeParse(resultSchema, value);
  if (success) return output;
  throw new Error(`${file}: ${v.getDotPath(issues[0]) ?? ''}: ${issues[0].message}`);
}
