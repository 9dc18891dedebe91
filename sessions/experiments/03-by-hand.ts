import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A root filesystem of one file, and a shell that moves into it by hand',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'ls /tmp/lamb/bin | wc -l; du -sh /tmp/lamb', expect: /^2\d\d\n[\d.]+M\s+\/tmp\/lamb$/},
    {run: 'chroot /tmp/lamb ls /', expect: /^bin\s+proc$/},
    {run: 'unshare --mount bash'},
    {run: 'mount --bind /tmp/lamb /tmp/lamb; cd /tmp/lamb; mkdir old'},
    {run: 'pivot_root . old; cd /'},
    {run: 'ls /', expect: /^bin\s+old\s+proc$/},
    {run: 'ls /old', expect: /\bhome\b[^]*\brepo\b/},
    {run: 'umount /old', expect: /Device or resource busy$/, status: 1},
    {run: 'umount -l /old; ls /old; rmdir /old'},
    {run: 'ls /', expect: /^bin\s+proc$/},
    {run: 'exit', expect: /^exit$/},
    {run: 'ls /tmp/lamb; ls -d /home', expect: /^bin\s+proc\n\/home$/},
  ],
});
