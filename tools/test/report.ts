import type {Failure, Outcome, Skip} from './stage.ts';
import {closingLine} from './stage.ts';

/** Where a report goes: standard output, or a test's own. */
export type Terminal = {write: (text: string) => unknown; isTTY?: boolean; columns?: number};

/** Longest output of one failure that is shown, in characters; a broken tool may print without end. */
const longest = 20_000;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** One sentence for a skip: what, how many, why, and what would change it. */
export function describeSkip({count, what, why, remedy}: Skip): string {
  return `skipped ${count} (${what}): ${why}${remedy ? `; ${remedy}` : ''}`;
}

/** A failure with its output, indented below its name. */
export function describeFailure({name, output}: Failure, mark = '✗'): string {
  const text = output.length > longest ? `… ${output.length - longest} characters left out\n${output.slice(-longest)}` : output;
  return `${mark} ${name}\n${text.trimEnd().replace(/^(?=.)/gm, '    ')}`;
}

/** A stage that was made, and how long it took. */
export type Timed = {stage: string; seconds: number; outcome: Outcome};

/** How many of the slowest tests are listed. */
const slowest = 20;

/**
 * The stages with their seconds beside the minutes that each may take, then the slowest tests of all stages.
 *
 * @param minutes what each stage may take
 * @param wall seconds from start to end; less than the sum, since stages are made beside each other
 */
export function describeTimes(timed: readonly Timed[], minutes: Readonly<Record<string, number>>, wall: number): string[] {
  const number = (value: number): string => value.toFixed(1).padStart(8);
  const rows = timed.map(({stage, seconds: took, outcome}) => {
    const most = minutes[stage];
    const notes = [
      ...(outcome.remembered ? [`${outcome.remembered} of ${outcome.passed} unchanged since they passed`] : []),
      ...(most !== undefined && took > most * 60 ? ['longer than budgets.ts allows'] : []),
    ];
    return `  ${stage.padEnd(8)}${number(took)} s  ${(most === undefined ? '' : `${most} min`).padStart(6)}  ${notes.join('; ')}`.trimEnd();
  });
  const durations = timed
    .flatMap(({outcome}) => outcome.durations ?? [])
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, slowest);
  return [
    'Stages, and the minutes that each may take:',
    ...rows,
    `  ${'all'.padEnd(8)}${number(wall)} s`,
    ...(durations.length === 0 ? [] : [`The slowest tests:`, ...durations.map(({name, seconds: took}) => `${number(took)} s  ${name}`)]),
  ];
}

/** A warning as GitHub's workflows show it; see "workflow commands" there, and what they take a `%` or the end of a line for. */
const warning = (text: string): string => `::warning title=npm test::${text.replace(/[%\r\n]/g, (letter) => encodeURIComponent(letter))}`;

/** Warnings of the stages that took longer than they may. */
export function timeWarnings(timed: readonly Timed[], minutes: Readonly<Record<string, number>>): string[] {
  return timed.flatMap(({stage, seconds: took}) => {
    const most = minutes[stage];
    return most !== undefined && took > most * 60 ? [warning(`${stage} took ${took.toFixed(0)} s; budgets.ts allows ${most} min`)] : [];
  });
}

/** Warnings of the tests that passed only when they were made once more. */
export const unsteadyWarnings = (unsteady: readonly Failure[]): string[] =>
  unsteady.map(({name}) => warning(`unsteady: ${name} failed, then passed alone`));

/**
 * Shows a person at a terminal, or a log, how the stages go. What a stage has to say is written when it is done, in
 * one piece: stages that run beside each other do not mix.
 */
export class Reporter {
  readonly #out: Terminal;
  readonly #now: () => number;
  /** What runs: when it started, and what it is doing. */
  readonly #running = new Map<string, {started: number; progress: string}>();
  #timer: NodeJS.Timeout | undefined;

  constructor(out: Terminal, now: () => number = Date.now) {
    this.#out = out;
    this.#now = now;
  }

  /** Begins a stage. Call what it returns when the stage is done; that returns how many seconds it took. */
  start(stage: string): (outcome: Outcome) => number {
    const started = this.#now();
    this.#running.set(stage, {started, progress: ''});
    if (this.#out.isTTY) {
      this.#draw();
      this.#timer ??= setInterval(() => this.#draw(), 500).unref();
    } else {
      this.#out.write(`${stage} …\n`);
    }
    return (outcome) => {
      this.#running.delete(stage);
      if (this.#running.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
      const took = this.#now() - started;
      const lines = [
        `${outcome.failures.length === 0 ? '✓' : '✗'} ${stage.padEnd(6)} ${seconds(took).padStart(8)}  ${closingLine(outcome)}`,
        ...outcome.notes.map((note) => `  ${note}`),
        ...outcome.skips.map((skip) => `  ${describeSkip(skip)}`),
        ...outcome.failures.map((failure) => describeFailure(failure)),
      ];
      this.#out.write(`${this.#out.isTTY ? '\r\u001B[K' : ''}${lines.join('\n')}\n`);
      return took / 1000;
    };
  }

  /** Shows what a long stage is doing. */
  progress(stage: string, text: string): void {
    const running = this.#running.get(stage);
    if (running) running.progress = text.trim();
    if (this.#out.isTTY) this.#draw();
  }

  /**
   * Writes how long all took, and repeats the names of what failed, so that they need not be searched for above.
   *
   * @param unsteady first failures of tests that passed the second time
   */
  summary(total: Outcome, times: readonly string[] = [], unsteady: readonly Failure[] = []): void {
    this.#out.write('\n');
    for (const line of times) this.#out.write(`${line}\n`);
    if (times.length > 0) this.#out.write('\n');
    if (unsteady.length > 0)
      this.#out.write(`Unsteady: failed, then passed alone\n${unsteady.map((failure) => describeFailure(failure, '!')).join('\n')}\n\n`);
    for (const {name} of total.failures) this.#out.write(`✗ ${name}\n`);
  }

  #draw(): void {
    const width = Math.floor(((this.#out.columns ?? 80) - 1) / Math.max(this.#running.size, 1));
    const parts = [...this.#running].map(([stage, {started, progress}]) =>
      `  ${stage.padEnd(6)} ${seconds(this.#now() - started).padStart(8)}  ${progress}`.slice(0, width).padEnd(width),
    );
    this.#out.write(`\r\u001B[K${parts.join('').trimEnd()}`);
  }
}
