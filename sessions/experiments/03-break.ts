import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Root in the container reads the disk of the host',
  host: 'machine',
  programs: ['./steps/03-pivot-root'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'modprobe loop; truncate -s 4M /tmp/farm'},
    {run: 'losetup /dev/loop0 /tmp/farm'},
    {run: 'mke2fs /dev/loop0 >/dev/null; mount -t ext2 /dev/loop0 /mnt'},
    {run: 'echo the key is under the stone >/mnt/key; umount /mnt'},
    {run: '03-pivot-root /tmp/lamb grep loop0 /proc/partitions', expect: /7 +0 +4096 loop0$/},
    {run: "look='mknod /dev/farm b 7 0; strings /dev/farm | grep key'"},
    {run: '03-pivot-root /tmp/lamb sh -c "$look"', expect: /^the key is under the stone$/m},
    {run: "enter='mknod dev/farm b 7 0; mkdir mnt; mount dev/farm mnt'"},
    {run: 'write="echo the wolf has it >/mnt/key"'},
    {run: '03-pivot-root /tmp/lamb sh -c "$enter; $write; ls mnt"', expect: /^key\s+lost\+found$/},
    {run: 'mount -t ext2 /dev/loop0 /mnt; cat /mnt/key', expect: /^the wolf has it$/},
    {run: 'umount /mnt; losetup -d /dev/loop0; rm /tmp/farm'},
  ],
});
