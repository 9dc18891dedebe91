import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Several lower directories: the first lies on top',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: 'mkdir /tmp/dolly; cd /tmp/dolly; mkdir upper work merged'},
    {run: 'layers=lowerdir=/tmp/lamb,upperdir=upper,workdir=work'},
    {run: 'mount -t overlay overlay -o $layers merged'},
    {run: 'rm merged/etc/hosts; umount merged'},
    {run: 'mount="mount -t overlay overlay -o"'},
    {run: '$mount lowerdir=/tmp/lamb:upper merged'},
    {run: 'ls merged/etc; umount merged', expect: /^hosts$/},
    {run: '$mount lowerdir=upper:/tmp/lamb merged'},
    {run: 'ls merged/etc; touch merged/wool', expect: /Read-only file system$/, status: 1},
    {run: 'umount merged; cd; rm -r /tmp/dolly'},
  ],
});
