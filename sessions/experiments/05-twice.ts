import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'One upper directory under two overlays',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: "why() { dmesg | tail -n 1 | sed 's/.*] //' | fold -sw 70; }"},
    {run: 'mkdir /tmp/dolly; cd /tmp/dolly; mkdir upper work merged'},
    {run: 'layers=lowerdir=/tmp/lamb,upperdir=upper,workdir=work'},
    {run: 'mount -t overlay overlay -o $layers merged'},
    {run: 'mkdir twice; ls merged/wool', expect: /No such file/, status: 2},
    {run: 'mount -t overlay overlay -o $layers twice'},
    {run: 'why', expect: /is in-use as upperdir.workdir of another mount/},
    {run: 'echo white >twice/wool; cat twice/wool merged/wool', expect: /^white\n.*No such file or directory$/, status: 1},
    {run: 'ls merged', expect: /wool$/},
    {run: 'umount twice merged; rm -r upper work; mkdir upper work'},
    {run: 'mount -t overlay overlay -o $layers,index=on merged'},
    {run: 'mount -t overlay overlay -o $layers,index=on twice', expect: /overlay already mounted on \/tmp\/dolly\/merged/, status: 32},
    {run: 'umount merged; cd; rm -r /tmp/dolly'},
  ],
});
