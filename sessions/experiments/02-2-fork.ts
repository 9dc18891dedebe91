import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'The child of a Go program that forked hangs',
  host: 'machine',
  programs: ['./steps/02-reexec/2-fork'],
  commands: [{run: '2-fork', expect: /still there[^]*threads of the child: 1$/, timeout: 30}],
});
