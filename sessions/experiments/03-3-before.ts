import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'In a user namespace, /proc can be mounted only while another can be seen',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'mkdir /tmp/lamb/old'},
    {run: "turn='pivot_root . old; cd /'"},
    {run: "begin='mount --bind /tmp/lamb /tmp/lamb; cd /tmp/lamb'"},
    {run: "go='unshare --user --map-root-user --mount --pid --fork sh -c'"},
    {run: '$go "$begin; $turn; umount -l old; mount -t proc proc proc; ps"', expect: /mount: permission denied/},
    {run: '$go "$begin; $turn; mount -t proc proc proc; umount -l old; ps"', expect: /1 0 +ps$/},
  ],
});
