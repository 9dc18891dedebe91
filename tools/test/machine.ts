import {VmError} from '../../vm/failure.ts';
import {prepare, type Prepared} from '../../vm/start.ts';
import {programFacts} from './programs.ts';
import {join, nothing, type Context, type Outcome, type Skip} from './stage.ts';

/** Checks on a Linux kernel of our own: what runs them, and what it is told of the machine. */
export type MachineChecks = {
  /** Each in turn; `machine` is what sets the machine apart from others. */
  run: readonly ((context: Context, prepared: Prepared, machine: readonly string[]) => Promise<Outcome>)[];
  /** What is left out where no machine can be started. */
  skips: (context: Context) => readonly {count: number; what: string}[];
};

/** Finds or builds what a machine is started from, and makes the checks; where there is none, says why they are skipped. */
export async function onMachine(context: Context, {run, skips}: MachineChecks): Promise<Outcome> {
  try {
    const prepared = await prepare({say: context.progress});
    const {image, qemu, accelerator} = prepared;
    const machine = [image.key, programFacts(qemu), accelerator];
    const outcomes: Outcome[] = [];
    for (const check of run) outcomes.push(await check(context, prepared, machine));
    return {...join(outcomes), notes: [`kernel ${image.release}`]};
  } catch (error) {
    if (!(error instanceof VmError) || error.kind !== 'missing') throw error;
    const [why = ''] = error.problem.split('\n');
    const remedy = error.mend ?? 'npm run vm -- --doctor';
    return {...nothing(), skips: skips(context).map((skip): Skip => ({...skip, why, remedy}))};
  }
}
