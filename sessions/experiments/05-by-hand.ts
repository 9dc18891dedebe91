import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'An overlay by hand: what a change leaves in the upper directory',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: 'mkdir /tmp/dolly; cd /tmp/dolly; mkdir upper work merged'},
    {run: 'layers=lowerdir=/tmp/lamb,upperdir=upper,workdir=work'},
    {run: 'mount -t overlay overlay -o $layers merged'},
    {run: 'ls merged; cat merged/etc/hosts; ls upper', expect: /^bin +dev +etc +proc +sys +tmp\n127\.0\.0\.1 localhost$/},
    {run: 'echo 10.20.0.2 dolly >>merged/etc/hosts'},
    {run: 'find upper; cat upper/etc/hosts', expect: /^upper\nupper\/etc\nupper\/etc\/hosts\n127\.0\.0\.1 localhost\n10\.20\.0\.2 dolly$/},
    {run: 'cat /tmp/lamb/etc/hosts', expect: /^127\.0\.0\.1 localhost$/},
    {run: 'rm merged/bin/vi; ls merged/bin/vi', expect: /No such file or directory$/, status: 2},
    {run: "stat -c '%n: %F %t,%T' upper/bin/vi", expect: /^upper\/bin\/vi: character special file 0,0$/},
    {run: 'ls /tmp/lamb/bin/vi', expect: /^\/tmp\/lamb\/bin\/vi$/},
    {run: 'rm -r merged/etc; mkdir merged/etc'},
    {run: 'ls merged/etc upper/etc', expect: /^merged\/etc:\n\nupper\/etc:$/},
    {
      run: 'getfattr -n trusted.overlay.opaque upper/etc',
      expect: /^# file: upper\/etc\ntrusted\.overlay\.opaque="y"$/,
    },
    {run: 'umount merged; ls merged'},
    {run: 'mount -t overlay overlay -o $layers merged; ls merged/etc'},
    {run: 'umount merged; cd; rm -r /tmp/dolly'},
  ],
});
