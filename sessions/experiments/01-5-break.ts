import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Root in the container takes the new /proc off, and the host is back',
  host: 'machine',
  programs: ['./steps/01-namespaces'],
  commands: [
    {run: '01-namespaces bash'},
    {run: 'ps -e', expect: /^ +PID .*\n +1 .* bash\n +\d+ .* ps$/},
    {run: 'umount /proc'},
    {run: 'ps -e | head -4', expect: / 1 .*\n +2 .* kthreadd\n/},
    {run: 'nsenter --uts=/proc/1/ns/uts hostname', expect: /^meadow$/},
    {run: 'ip -brief link', expect: /^lo +DOWN [^\n]*$/},
    {run: 'nsenter --net=/proc/1/ns/net ip -brief link', expect: /^lo +UNKNOWN [^\n]*$/},
    {run: 'exit', expect: /^exit$/},
    {run: 'ps -e | head -2', expect: / 1 .* init$/},
  ],
});
