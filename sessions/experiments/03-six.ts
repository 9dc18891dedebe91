import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Six causes of one error',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'mkdir -p /tmp/lamb/old'},
    {run: 'lamb=/tmp/lamb ns="unshare --mount sh -c"'},
    {run: 'bound="mount --bind $lamb $lamb; cd $lamb"'},
    {run: '$ns "cd $lamb; pivot_root . old"', expect: /Invalid argument$/, status: 1},
    {run: '$ns "$bound; pivot_root . /run"', expect: /Invalid argument$/, status: 1},
    {run: 'put="mount -t tmpfs wool $lamb/old; mkdir $lamb/old/old"'},
    {run: '$ns "$put; chroot $lamb pivot_root old old/old"', expect: /Invalid argument$/, status: 1},
    {run: "($ns 'umount -l /; exec sleep 1000' &)"},
    {run: 'until pid=$(pgrep -x sleep); do :; done'},
    {run: 'new="mount -t tmpfs wool /mnt; cd /mnt; mkdir old"'},
    {run: 'nsenter --target $pid --mount sh -c "$new; pivot_root . old"', expect: /Invalid argument$/, status: 1},
    {run: '$ns "mount --make-shared /tmp; $bound; pivot_root . old"', expect: /Invalid argument$/, status: 1},
    {run: '$ns "$bound; mount --make-shared .; pivot_root . old"', expect: /Invalid argument$/, status: 1},
    {run: '$ns "pivot_root / /"', expect: /Device or resource busy$/, status: 1},
    {run: '$ns "mount --make-rprivate /; $bound; pivot_root . old; ls /"', expect: /^bin\s+old\s+proc$/},
    {run: 'kill $pid'},
  ],
});
