import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'One image, changed below two containers that run',
  host: 'machine',
  programs: ['./steps/05-overlayfs'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: '(05-overlayfs /tmp/lamb sleep 1001 &)'},
    {run: '(05-overlayfs /tmp/lamb sleep 1002 &)'},
    {run: 'until a=$(pgrep -xf "sleep 1001"); do :; done'},
    {run: 'until b=$(pgrep -xf "sleep 1002"); do :; done'},
    {run: 'cat /proc/$a/root/etc/hosts', expect: /^127\.0\.0\.1 localhost$/},
    {run: 'echo 10.20.0.66 wolf >/tmp/new; mv /tmp/new /tmp/lamb/etc/hosts'},
    {run: 'cat /proc/$a/root/etc/hosts', expect: /^127\.0\.0\.1 localhost$/},
    {run: 'cat /proc/$b/root/etc/hosts', expect: /^10\.20\.0\.66 wolf$/},
    {run: 'echo 2 >/proc/sys/vm/drop_caches; cat /proc/$a/root/etc/hosts', expect: /^10\.20\.0\.66 wolf$/},
    {run: 'pkill -x sleep'},
  ],
});
