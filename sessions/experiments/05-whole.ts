import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'The whole: nothing is left, also of a container whose runtime was killed',
  host: 'machine',
  programs: ['./steps/05-overlayfs'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: "05-overlayfs /tmp/lamb sh -c 'echo wool >/wool; ls /'", expect: /wool/},
    {run: 'ls /var/lib/fold; findmnt -t overlay'},
    {run: '(05-overlayfs /tmp/lamb sleep 1000 &)'},
    {run: 'until pgrep -x sleep >/dev/null; do :; done'},
    {run: 'ls /var/lib/fold/*; findmnt -t overlay', expect: /^merged +upper +work$/},
    {run: 'pkill -KILL -x 05-overlayfs'},
    {run: 'while pgrep -x sleep >/dev/null; do :; done'},
    {run: 'ls /var/lib/fold/*', expect: /^merged +upper +work$/},
    {run: '05-overlayfs /tmp/lamb true; ls /var/lib/fold'},
  ],
});
