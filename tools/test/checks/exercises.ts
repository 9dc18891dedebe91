import type {Prepared} from '../../../vm/start.ts';
import {makeProof, proofHash, prove} from '../../exercise/prove.ts';
import {loadExercise, scriptFile, scriptNames} from '../../record/scripts.ts';
import {inputKey} from '../inputs.ts';
import {join, nothing, type Context, type Outcome} from '../stage.ts';
import {unlessUnchanged} from '../unchanged.ts';

/** What proves exercises; tests pass their own. */
export type Prover = {
  names: readonly string[];
  /** Builds what an exercise brings along. */
  make: (name: string) => Promise<{hash: string; prove: () => Promise<string[]>}>;
  /** Folder of remembered passes; absent, the user's. */
  folder?: string;
};

/**
 * Proves every exercise both ways, see `prove`: each in a machine of its own, as its reader has it, and none again until
 * its script, the programs that it builds or the machine have changed.
 *
 * @param machine what sets the machine apart from others
 */
export async function runExercises(context: Context, prepared: Prepared, machine: readonly string[], prover?: Prover): Promise<Outcome> {
  const {root, go, fresh, progress} = context;
  const names = prover?.names ?? scriptNames(root, 'exercises');
  if (go.program === null)
    return {...nothing(), skips: [{count: names.length, what: 'exercises, to be proved both ways', why: go.why, remedy: go.remedy}]};
  const make =
    prover?.make ??
    (async (name: string) => {
      const proof = makeProof(root, await loadExercise(root, name), go, prepared.arch);
      return {hash: proofHash(proof), prove: () => prove(proof, prepared, progress)};
    });
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const what = `exercise ${name}`;
    try {
      const key = async (): Promise<string> => {
        const code = [import.meta.filename, scriptFile(name, 'exercises')];
        return inputKey(root, {name: what, code, data: [], facts: [...machine, (await make(name)).hash]});
      };
      const play = async (): Promise<Outcome> => {
        progress(what);
        const problems = await (await make(name)).prove();
        if (problems.length === 0) return {...nothing(), passed: 1};
        return {...nothing(), failures: [{name: what, output: problems.join('\n'), again: play}]};
      };
      outcomes.push(await unlessUnchanged(key, fresh, play, prover?.folder));
    } catch (error) {
      // A script that cannot be read, a program that does not build, a machine that ended.
      outcomes.push({...nothing(), failures: [{name: what, output: error instanceof Error ? error.message : String(error)}]});
    }
  }
  return join(outcomes);
}
