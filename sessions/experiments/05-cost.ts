import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'What a change of the mode costs, and what a deletion frees',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: 'head -c 100M /dev/zero >/tmp/lamb/wool', timeout: 60},
    {run: 'mkdir /tmp/dolly; cd /tmp/dolly; mkdir upper work merged'},
    {run: 'layers=lowerdir=/tmp/lamb,upperdir=upper,workdir=work'},
    {run: 'mount -t overlay overlay -o $layers merged'},
    {run: 'ls -sh merged/wool; du -sh upper', expect: /^100M merged\/wool\n0\s+upper$/},
    {run: 'chmod 600 merged/wool; du -sh upper', expect: /^100M\s+upper$/, timeout: 60},
    {run: 'df -h --output=fstype,size,used merged /tmp', expect: /^overlay +\S+ +202M\ntmpfs +\S+ +202M$/m},
    {run: 'rm merged/wool; du -sh upper /tmp/lamb', expect: /^0\s+upper\n102M\s+\/tmp\/lamb$/},
    {run: ': >>merged/bin/busybox; du -sh upper', expect: /^1\.9M\s+upper$/},
    {run: 'umount merged; rm -r upper work; mkdir upper work'},
    {run: 'mount -t overlay overlay -o $layers merged'},
    {run: ': >merged/wool; du -sh upper', expect: /^0\s+upper$/},
    {run: 'umount merged; rm -r upper work; mkdir upper work'},
    {run: 'mount -t overlay overlay -o $layers,metacopy=on merged'},
    {run: 'chmod 600 merged/wool; du -sh upper', expect: /^0\s+upper$/},
    {run: 'umount merged; cd; rm -r /tmp/dolly /tmp/lamb/wool'},
  ],
});
