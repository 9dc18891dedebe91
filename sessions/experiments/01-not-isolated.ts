import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A setting that no namespace covers is changed for the host',
  host: 'machine',
  programs: ['./steps/01-namespaces'],
  commands: [
    {run: 'cat /proc/sys/vm/swappiness', expect: /^60$/},
    {run: "01-namespaces sh -c 'echo 61 >/proc/sys/vm/swappiness'"},
    {run: 'cat /proc/sys/vm/swappiness', expect: /^61$/},
    {run: 'echo 60 >/proc/sys/vm/swappiness'},
  ],
});
