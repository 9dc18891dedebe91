import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Root walks out of a chroot',
  host: 'machine',
  programs: ['./steps/03-pivot-root/1-chroot', './steps/03-pivot-root/escape'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: '1-chroot /tmp/lamb ls /', expect: /^bin\s+proc$/},
    {run: '1-chroot /tmp/lamb ps', expect: /1 0 .*\n +\d+ 0 +ps$/},
    {run: 'cp $(which escape) /tmp/lamb/bin'},
    {run: '1-chroot /tmp/lamb escape ls /', expect: /^bin\s+etc\b[^]*\bhome\b/},
    {run: "1-chroot /tmp/lamb escape sh -c 'hostname; cat /etc/hostname'", expect: /^sheep\nmeadow$/},
  ],
});
