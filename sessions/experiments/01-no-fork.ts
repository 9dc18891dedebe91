import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Without --fork the second command has no process to run in',
  host: 'machine',
  commands: [{run: "unshare --pid bash -c 'true & wait; date; date'", expect: /^bash: fork: Cannot allocate memory$/, status: 254}],
});
