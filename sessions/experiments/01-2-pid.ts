import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'In a new PID namespace the shell is process 1, and ps still lists the host',
  host: 'machine',
  programs: ['./steps/01-namespaces/2-pid'],
  commands: [
    {run: '2-pid bash'},
    {run: 'echo $$', expect: /^1$/},
    {run: 'ps -e | head -4', expect: / 1 .*\n +2 .* kthreadd\n/},
    {run: 'pgrep -a 2-pid', expect: /^\d+ 2-pid bash$/},
    {run: 'kill -KILL $(pgrep 2-pid)', expect: /No such process$/, status: 1},
    {run: 'exit', expect: /^exit\nexit status 1$/, status: 1},
  ],
});
