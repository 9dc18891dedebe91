import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A process in a container has a number outside and a number inside',
  host: 'machine',
  programs: ['./steps/01-namespaces'],
  commands: [
    {run: "(01-namespaces sh -c 'sleep 1000 & wait' &)"},
    {run: 'until sleep=$(pgrep -x sleep); do :; done'},
    {run: 'sh=$(ps -o ppid= $sleep); outer=$(ps -o ppid= $sh)'},
    {run: 'numbers() { echo "$1 $(grep NSpid /proc/$(($2))/status)"; }'},
    {run: 'numbers init 1', expect: /^init NSpid:\s+1$/},
    {run: 'numbers bash $$', expect: /^bash NSpid:\s+\d+$/},
    {run: 'numbers 01-namespaces $outer', expect: /^01-namespaces NSpid:\s+\d+$/},
    {run: 'numbers sh $sh', expect: /^sh NSpid:\s+\d+\s+1$/},
    {run: 'numbers sleep $sleep', expect: /^sleep NSpid:\s+\d+\s+\d+$/},
    {run: 'pkill -x 01-namespaces'},
  ],
});
