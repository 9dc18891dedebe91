import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'In a user namespace, /proc can be mounted only while another can be seen',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'mkdir -p /tmp/lamb/old'},
    {run: 'unshare --user --map-root-user --mount --pid --fork bash'},
    {run: 'mount --bind /tmp/lamb /tmp/lamb; cd /tmp/lamb'},
    {run: 'pivot_root . old; cd /; hash -r'},
    {run: 'umount -l old'},
    {run: 'mount -t proc proc proc', expect: /^mount: permission denied/, status: 1},
    {run: 'exit', expect: /^exit$/, status: 1},
    {run: 'unshare --user --map-root-user --mount --pid --fork bash'},
    {run: 'mount --bind /tmp/lamb /tmp/lamb; cd /tmp/lamb'},
    {run: 'pivot_root . old; cd /; hash -r'},
    {run: 'mount -t proc proc proc'},
    {run: 'umount -l old; ps', expect: /1 0 +bash\n +\d+ 0 +ps$/},
    {run: 'exit', expect: /^exit$/},
  ],
});
