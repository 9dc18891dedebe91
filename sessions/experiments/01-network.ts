import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A new network namespace has one interface, while /sys still lists those of the host',
  host: 'machine',
  programs: ['./steps/01-namespaces'],
  commands: [
    {run: 'ip link add gate0 type veth peer name gate1'},
    {run: 'ls /sys/class/net', expect: /^gate0\s+gate1\s+lo$/},
    {run: '01-namespaces ip -brief link', expect: /^lo +DOWN [^\n]*$/},
    {run: '01-namespaces ls /sys/class/net', expect: /^gate0\s+gate1\s+lo$/},
    {run: 'ip link del gate0'},
  ],
});
