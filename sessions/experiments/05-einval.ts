import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Why an overlay does not mount, and where the kernel says it',
  host: 'machine',
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: "why() { dmesg | tail -n 1 | sed 's/.*] //' | fold -sw 70; }"},
    {run: 'try() { mount -t overlay overlay -o $1 $2 2>&1 | fold -sw 70; }'},
    {run: 'mkdir /tmp/dolly; cd /tmp/dolly; mkdir upper work merged twice'},
    {run: 'l=lowerdir=/tmp/lamb u=upperdir=upper w=workdir=work'},
    {run: 'try $l,$u,$w merged'},
    {run: 'm=merged; mkdir $m/upper $m/aside'},
    {
      run: 'try $l,upperdir=$m/upper,workdir=$m/aside twice; why',
      expect: /wrong fs type[^]*filesystem on 'merged.upper' not supported as upperdir$/,
    },
    {run: 'umount merged; rm -r upper; mkdir upper'},
    {run: 'try $l,$u,workdir=/run merged; why', expect: /wrong fs type[^]*must reside under the same mount$/},
    {run: 'mkdir upper/aside'},
    {run: 'try $l,$u,workdir=upper/aside merged; why', expect: /wrong fs type[^]*must be separate subtrees$/},
    {run: 'try $l,$u,workdir=nowhere merged; why', expect: /special device overlay does not exist[^]*failed to resolve 'nowhere': -2$/},
    {run: 'try $l,$u merged; why', expect: /wrong fs type[^]*missing 'workdir'$/},
    {run: 'mkdir /tmp/lamb,1 /tmp/lamb:1'},
    {run: 'try lowerdir=/tmp/lamb,1,$u,$w merged; why', expect: /wrong fs type[^]*unrecognized mount option "1" or missing value$/},
    {run: 'try lowerdir=/tmp/lamb:1,$u,$w merged; why', expect: /does not exist[^]*failed to resolve '1': -2$/},
    {run: "try 'lowerdir=/tmp/lamb\\:1,'$u,$w merged"},
    {run: 'findmnt -no TARGET merged', expect: /merged$/},
    {run: 'umount merged; cd; rm -r /tmp/dolly /tmp/lamb[,:]1'},
  ],
});
