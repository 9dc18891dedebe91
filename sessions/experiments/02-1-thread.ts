import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'unshare moves one thread of a Go program, and the others keep the hostname',
  host: 'machine',
  programs: ['./steps/02-reexec/1-thread'],
  commands: [{run: '1-thread', expect: /wolf[^]*meadow[^]*meadow/}],
});
