import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'An orphan that nobody waits for stays as a zombie',
  host: 'machine',
  programs: ['./steps/02-reexec/4-pipe'],
  commands: [
    {run: "orphan='(sleep 0.2 &)'"},
    {run: "look='(sleep 1; ps -eo pid,ppid,stat,args) &'"},
    {run: '4-pipe sh -c "$orphan; $look exec sleep 2"', expect: / 1 .* sleep 2\n +\d+ +1 Z\+? +\[sleep\] <defunct>\n/, timeout: 20},
  ],
});
