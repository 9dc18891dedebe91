import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A container with a limit of memory, which free does not know',
  host: 'machine',
  programs: ['./steps/04-cgroups/1-memory'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: '1-memory --memory 64M /tmp/lamb cat /proc/self/cgroup', expect: /^0::\/lamb-\d+$/},
    {run: '1-memory --memory 64M /tmp/lamb free -m | cut -c 1-20', expect: /^Mem: +4\d\d$/m},
    {run: '1-memory --memory 64M /tmp/lamb tail /dev/zero', status: 137},
    {run: "1-memory --memory 64M /tmp/lamb sh -c 'tail /dev/zero; echo on'", expect: /^Killed\non$/},
  ],
});
