import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A process 1 that waits for all leaves no zombie',
  host: 'machine',
  programs: ['./steps/02-reexec/5-init'],
  commands: [
    {run: "orphan='(sleep 0.2 &)'"},
    {run: "look='(sleep 1; ps -eo pid,ppid,stat,args) &'"},
    {
      run: '5-init sh -c "$orphan; $look exec sleep 2"',
      expect: /^ +PID +PPID STAT COMMAND\n +1 +0 \S+ +\S+ init\n +\d+ +1 \S+ +sleep 2\n +\d+ +\d+ \S+ +ps [^\n]*$/,
      timeout: 20,
    },
  ],
});
