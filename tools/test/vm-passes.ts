import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {PackageTests} from '../../vm/go-tests.ts';
import {passes} from './unchanged.ts';

/** A package's tests that passed: what they looked for in the repository, by its state then, and their report. */
type Pass = {looked: Record<string, string>; report: string};

/** State of a file, or of a folder: what is in it, by name. */
function state(file: string): string {
  try {
    const content = statSync(file).isDirectory() ? readdirSync(file).sort().join('\0') : readFileSync(file);
    return createHash('sha256').update(content).digest('hex');
  } catch {
    return 'absent';
  }
}

/** Remembers which packages' tests passed in the virtual machine. */
export class VmPasses {
  readonly #root: string;
  readonly #machine: string;
  readonly #folder: string;
  /** When the machine got its copy of the repository, or before that. */
  readonly #since = Date.now();

  /** @param machine key of all that decides how tests run, other than their programs and what those look for */
  constructor(root: string, machine: string, folder = passes()) {
    this.#root = root;
    this.#machine = machine;
    this.#folder = folder;
  }

  /** The report of tests that passed with the same program, if all that they looked for is as it was. */
  known(tests: PackageTests): string | undefined {
    const record = this.#record(tests);
    try {
      const {looked, report} = JSON.parse(readFileSync(record, 'utf8')) as Pass;
      if (Object.entries(looked).some(([file, was]) => state(path.join(this.#root, file)) !== was)) return undefined;
      utimesSync(record, new Date(), new Date());
      return report;
    } catch {
      return undefined; // Not there, or not readable.
    }
  }

  /** Remembers tests that passed. A cache that cannot be written costs the next run its time, nothing else. */
  passed(tests: PackageTests, report: string, looked: readonly string[]): void {
    // The tests saw the file as it was.
    const changed = (file: string): boolean =>
      (statSync(path.join(this.#root, file), {throwIfNoEntry: false})?.mtimeMs ?? 0) >= this.#since;
    if (looked.some(changed)) return;
    const pass: Pass = {looked: Object.fromEntries(looked.map((file) => [file, state(path.join(this.#root, file))])), report};
    try {
      mkdirSync(this.#folder, {recursive: true});
      writeFileSync(this.#record(tests), JSON.stringify(pass));
    } catch {
      // The tests are run again.
    }
  }

  #record({importPath, binary}: PackageTests): string {
    const key = createHash('sha256').update([this.#machine, importPath, binary].join('\0')).digest('hex');
    return path.join(this.#folder, `${key}.json`);
  }
}
