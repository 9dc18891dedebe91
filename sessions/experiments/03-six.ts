import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Six causes of one error',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'mkdir /tmp/lamb/old'},
    {run: 'as="unshare --mount sh -c" me=/tmp/lamb'},
    {run: '$as "cd $me; pivot_root . old"', expect: /Invalid argument$/, status: 1},
    {run: 'bind="mount --bind $me $me; cd $me"'},
    {run: '$as "$bind; pivot_root . /run"', expect: /Invalid argument$/, status: 1},
    {run: '$as "pivot_root / /"', expect: /Device or resource busy$/, status: 1},
    {run: 'put="mount -t tmpfs wool $me/old; mkdir $me/old/old"'},
    {run: '$as "$put; chroot $me pivot_root old old/old"', expect: /Invalid argument$/, status: 1},
    {run: "($as 'umount -l /; exec sleep 1000' &)"},
    {run: 'until pid=$(pgrep -x sleep); do :; done'},
    {run: 'new="mount -t tmpfs wool /mnt; cd /mnt; mkdir old"'},
    {run: 'nsenter --target $pid --mount sh -c "$new; pivot_root . old"', expect: /Invalid argument$/, status: 1},
    {run: '$as "mount --make-shared /tmp; $bind; pivot_root . old"', expect: /Invalid argument$/, status: 1},
    {run: '$as "$bind; mount --make-shared $me; pivot_root . old"', expect: /Invalid argument$/, status: 1},
    {run: '$as "mount --make-rprivate /; $bind; pivot_root . old; ls /"', expect: /^bin\s+old\s+proc$/},
    {run: 'kill $pid'},
  ],
});
