import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'When /dev/null is missing, or is a file',
  host: 'machine',
  programs: ['./steps/03-pivot-root/2-pivot', './steps/03-pivot-root/3-mounts'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: "2-pivot /tmp/lamb sh -c 'cat </dev/null'", expect: /can't open \/dev\/null: no such file$/, status: 1},
    {run: 'mkdir /tmp/lamb/dev'},
    {run: "2-pivot /tmp/lamb sh -c 'yes baa | head -c 20m >/dev/null'", timeout: 60},
    {run: 'ls -sh /tmp/lamb/dev', expect: /^ *20M null$/m},
    {run: "3-mounts /tmp/lamb sh -c 'yes baa >/dev/null'", expect: /No space left on device$/, status: 1},
  ],
});
