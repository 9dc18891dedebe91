import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'The whole: what may be seen and changed of /proc, and whose devices open',
  host: 'machine',
  programs: ['./steps/03-pivot-root', './steps/03-pivot-root/4-devices'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'bad="echo \'|/bin/wolf\' >/proc/sys/kernel/core_pattern"'},
    {run: '4-devices /tmp/lamb sh -c "$bad"'},
    {run: 'cat /proc/sys/kernel/core_pattern', expect: /^\|\/bin\/wolf$/},
    {run: 'echo core >/proc/sys/kernel/core_pattern'},
    {run: '03-pivot-root /tmp/lamb ls -A / /dev', expect: /^\/:\nbin\s+dev\s+proc\s+sys\s+tmp\n/},
    {run: '03-pivot-root /tmp/lamb wc -c /proc/kcore', expect: /^0 \/proc\/kcore$/},
    {run: '03-pivot-root /tmp/lamb sh -c "$bad"', expect: /Read-only file system$/, status: 1},
    {run: 'mknod /tmp/lamb/gift c 1 3'},
    {run: '03-pivot-root /tmp/lamb cat /gift', expect: /Permission denied$/, status: 1},
    {run: '4-devices /tmp/lamb cat /gift'},
    {run: '03-pivot-root /tmp/lamb sh -c "umount /proc/sys; $bad"'},
    {run: 'cat /proc/sys/kernel/core_pattern', expect: /^\|\/bin\/wolf$/},
    {run: 'echo core >/proc/sys/kernel/core_pattern'},
  ],
});
