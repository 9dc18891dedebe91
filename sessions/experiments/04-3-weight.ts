import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'What a weight is worth: beside a busy neighbour, and alone',
  host: 'machine',
  commands: [
    {run: 'cd /sys/fs/cgroup; mkdir lamb ram'},
    {run: "busy='while :; do :; done'"},
    {run: '(echo 0 >lamb/cgroup.procs; eval "$busy") &', expect: /^\[1\] \d+$/},
    {run: '(echo 0 >ram/cgroup.procs; eval "$busy") &', expect: /^\[2\] \d+$/},
    {run: 'used() { grep usage $1/cpu.stat | cut -c 12-; }'},
    {run: 'from() { l=$(used lamb) r=$(used ram); sleep 5; }'},
    {run: 'to() { l=$(($(used lamb)-l)) r=$(($(used ram)-r)); }'},
    {run: 'share() { from; to; echo lamb: $((100*l/(l+r))) %; }'},
    {run: 'share', expect: /^lamb: (4[5-9]|5[0-5]) %$/, timeout: 60},
    {run: 'echo 39 >lamb/cpu.weight; share', expect: /^lamb: (2[4-9]|3[0-2]) %$/, timeout: 60},
    {run: 'kill %2; wait %2', expect: /Terminated/, status: 143},
    {run: 'share', expect: /^lamb: (100|9[5-9]) %/, timeout: 60},
    {run: 'kill %1; wait; rmdir lamb ram; cd', expect: /Terminated/},
  ],
});
