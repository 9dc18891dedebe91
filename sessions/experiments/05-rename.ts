import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'What renaming costs, and a directory that cannot be renamed',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: 'mkdir /tmp/dolly; cd /tmp/dolly; mkdir upper work merged'},
    {run: 'layers=lowerdir=/tmp/lamb,upperdir=upper,workdir=work'},
    {run: 'mount -t overlay overlay -o $layers merged'},
    {run: 'mv merged/bin/busybox merged/bin/box; ls -sh upper/bin', expect: /1\.9M box\s+0 busybox$/},
    {run: 'cd merged; strace mv etc cfg 2>&1 | grep -o EXDEV.*', expect: /^EXDEV \(Invalid cross-device link\)$/},
    {run: 'ls; ls ../upper', expect: /^bin +cfg +dev +proc +sys +tmp\nbin +cfg +etc$/},
    {run: 'mkdir lair'},
    {run: 'strace mv lair den 2>&1 | grep -o EXDEV.*', status: 1},
    {run: 'cd ..; umount merged'},
    {run: 'rm -r upper work; mkdir upper work'},
    {run: 'layers=$layers,redirect_dir=on'},
    {run: 'mount -t overlay overlay -o $layers merged'},
    {run: 'cd merged; strace mv etc cfg 2>&1 | grep -o EXDEV.*', status: 1},
    {run: 'cd; umount /tmp/dolly/merged; rm -r /tmp/dolly'},
  ],
});
