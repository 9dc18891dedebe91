import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'One file that becomes two',
  host: 'machine',
  programs: ['./steps/05-overlayfs/mapped'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: 'ln /tmp/lamb/etc/hosts /tmp/lamb/etc/names'},
    {run: 'mkdir /tmp/dolly; cd /tmp/dolly; mkdir upper work merged'},
    {run: 'layers=lowerdir=/tmp/lamb,upperdir=upper,workdir=work'},
    {run: 'mount -t overlay overlay -o $layers merged'},
    {run: 'mkfifo go; (mapped merged/etc/hosts <go >said &)'},
    {run: 'exec 3>go; until grep -q ready said; do :; done'},
    {run: 'echo 10.20.0.2 dolly >>merged/etc/hosts'},
    {run: 'echo >&3; until grep -q mapped: said; do :; done'},
    {run: 'cat said', expect: /^ready\nread:\n127\.0\.0\.1 localhost\n10\.20\.0\.2 dolly\nmapped:\n127\.0\.0\.1 localhost$/},
    {run: 'cat merged/etc/names', expect: /^127\.0\.0\.1 localhost$/},
    {run: 'exec 3<&-; umount merged; cd'},
    {run: 'rm -r /tmp/dolly /tmp/lamb/etc/names'},
  ],
});
