import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A program that is there and cannot be found',
  host: 'machine',
  architecture: 'amd64',
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'cp /usr/bin/hostname /tmp/lamb/bin/name'},
    {run: 'chroot /tmp/lamb name', expect: /No such file or directory$/, status: 127},
    {run: 'chroot /tmp/lamb ls -l /bin/name', expect: /^-rwxr-xr-x .* \/bin\/name$/},
    {run: "grep -ao '/lib[a-z0-9/.-]*ld-linux[a-z0-9.-]*' /tmp/lamb/bin/name", expect: /^\/lib64\/ld-linux-x86-64\.so\.2$/},
  ],
});
