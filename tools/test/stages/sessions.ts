import {allScripts, scriptNames} from '../../record/scripts.ts';
import {runExercises} from '../checks/exercises.ts';
import {runScripts} from '../checks/sessions.ts';
import {onMachine} from '../machine.ts';
import type {Stage} from '../stage.ts';

/** What pages show of a terminal and ask of their readers, on a Linux kernel of our own: see vm/README.md. */
export const sessions: Stage = {
  name: 'sessions',
  summary: 'on a Linux kernel of our own (QEMU): every recording and experiment again, every exercise',
  run: (context) =>
    onMachine(context, {
      run: [(given, _, machine) => runScripts(given, machine), runExercises],
      skips: ({root}) => [
        {count: allScripts(root).length, what: 'recordings and experiments, to be run again'},
        {count: scriptNames(root, 'exercises').length, what: 'exercises, to be proved both ways'},
      ],
    }),
};
