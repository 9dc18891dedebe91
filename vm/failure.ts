/**
 * What can go wrong with the machine itself, each with an exit status of its own.
 *
 * The numbers are those of sysexits(3) and timeout(1). The command inside may end
 * with the same ones; what tells them apart is the line `vm: …` on standard error.
 */
export const exitStatus = {
  /** Wrong usage of the tool: EX_USAGE. */
  usage: 64,
  /** A package, program or file the tool needs is not there: EX_UNAVAILABLE. */
  missing: 69,
  /** The guest kernel panicked: EX_SOFTWARE. */
  panic: 70,
  /** The host has no memory for the machine: EX_OSERR. */
  memory: 71,
  /** The machine ended without a word, or spoke nonsense: EX_PROTOCOL. */
  lost: 76,
  /** The time limit passed, as timeout(1) says it. */
  timeout: 124,
} as const;

export type FailureKind = keyof typeof exitStatus;

/** An expected failure: its message says what is wrong and what to do. */
export class VmError extends Error {
  readonly kind: FailureKind;
  readonly status: number;
  /** What is wrong, without what to do about it. */
  readonly problem: string;
  /** What to do, where something can be done: a command as a rule. */
  readonly mend: string | undefined;

  constructor(kind: FailureKind, problem: string, mend?: string) {
    super(mend === undefined ? problem : `${problem}. Mend it with: ${mend}`);
    this.name = 'VmError';
    this.kind = kind;
    this.status = exitStatus[kind];
    this.problem = problem;
    this.mend = mend;
  }
}
