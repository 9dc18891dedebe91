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
export function describeFailure({name, output}: Failure): string {
  const text = output.length > longest ? `… ${output.length - longest} characters left out\n${output.slice(-longest)}` : output;
  return `✗ ${name}\n${text.trimEnd().replace(/^(?=.)/gm, '    ')}`;
}

/** Tells a person at a terminal, or a log, how the stages go. */
export class Reporter {
  readonly #out: Terminal;
  readonly #now: () => number;
  #stage = '';
  #started = 0;
  #progress = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(out: Terminal, now: () => number = Date.now) {
    this.#out = out;
    this.#now = now;
  }

  /** Begins a stage. Call what it returns when the stage is done. */
  start(stage: string): (outcome: Outcome) => void {
    this.#stage = stage;
    this.#started = this.#now();
    this.#progress = '';
    if (this.#out.isTTY) {
      this.#draw();
      this.#timer = setInterval(() => this.#draw(), 500);
      this.#timer.unref();
    } else {
      this.#out.write(`${stage} …\n`);
    }
    return (outcome) => {
      clearInterval(this.#timer);
      if (this.#out.isTTY) this.#out.write('\r\u001B[K');
      this.#out.write(
        `${outcome.failures.length === 0 ? '✓' : '✗'} ${stage.padEnd(6)} ${seconds(this.#now() - this.#started).padStart(8)}  ${closingLine(outcome)}\n`,
      );
      for (const note of outcome.notes) this.#out.write(`  ${note}\n`);
      for (const skip of outcome.skips) this.#out.write(`  ${describeSkip(skip)}\n`);
      for (const failure of outcome.failures) this.#out.write(`${describeFailure(failure)}\n`);
    };
  }

  /** Shows what a long stage is at. */
  progress(text: string): void {
    this.#progress = text.trim();
    if (this.#out.isTTY) this.#draw();
  }

  /** Repeats the names of what failed, so that they need not be searched for above. */
  summary(total: Outcome): void {
    this.#out.write('\n');
    for (const {name} of total.failures) this.#out.write(`✗ ${name}\n`);
  }

  #draw(): void {
    const line = `  ${this.#stage.padEnd(6)} ${seconds(this.#now() - this.#started).padStart(8)}  ${this.#progress}`;
    this.#out.write(`\r\u001B[K${line.slice(0, (this.#out.columns ?? 80) - 1)}`);
  }
}
