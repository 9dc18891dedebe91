import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Below the root of the container lies the first root of the machine',
  host: 'machine',
  programs: ['./steps/03-pivot-root'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: "(03-pivot-root /tmp/lamb sh -c 'umount -l /; exec sleep 1000' &)"},
    {run: 'until pid=$(pgrep -x sleep); do :; done'},
    {run: 'nsenter --target $pid --mount ls /', expect: /^bin\b[^]*\betc\b[^]*\bhome\b/},
    {run: 'kill $pid'},
  ],
});
