import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Out of the new root there is no way up',
  host: 'machine',
  programs: ['./steps/03-pivot-root/2-pivot', './steps/03-pivot-root/escape'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'cp $(which escape) /tmp/lamb/bin'},
    {run: '2-pivot /tmp/lamb ls /', expect: /^bin\s+proc$/},
    {run: '2-pivot /tmp/lamb escape ls /', expect: /^bin\s+proc$/},
    {run: '2-pivot /tmp/lamb cat /proc/mounts', expect: /^\S+ \/ tmpfs [^\n]*\nproc \/proc proc [^\n]*$/},
  ],
});
