import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'SIGTERM to the outer half ends both; SIGTERM to the inner half ends nothing',
  host: 'machine',
  programs: ['./steps/01-namespaces'],
  commands: [
    {run: '01-namespaces sleep 300 & sleep 1', expect: /^\[1\] \d+$/},
    {run: 'kill -TERM $(pgrep --parent $!); sleep 1; pgrep --parent $!', expect: /^\d+$/},
    {run: 'kill -TERM $!; sleep 1; pgrep -x sleep', expect: /Terminated/, status: 1},
  ],
});
