import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Ten containers of one image of 100 MB',
  host: 'machine',
  programs: ['./steps/05-overlayfs/2-overlay'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: 'head -c 100M /dev/zero >/tmp/lamb/wool', timeout: 60},
    {run: 'for i in {1..10}; do (2-overlay /tmp/lamb sleep 1000 &); done'},
    {run: 'until [ $(pgrep -xc -r S sleep) = 10 ]; do :; done', timeout: 120},
    {run: 'du -sh /tmp/lamb /var/lib/fold', expect: /^102M\s+\/tmp\/lamb\n0\s+\/var\/lib\/fold$/},
    {run: 'grep -A5 r-xp.*busybox /proc/$(pgrep -nx sleep)/smaps | grep ss:', expect: /^Rss: +1\d\d\d kB\nPss: +1\d\d kB$/},
    {run: 'pkill -x sleep; rm -r /var/lib/fold /tmp/lamb/wool'},
    {run: "2-overlay /tmp/lamb grep -o '^overlay / overlay' /proc/mounts", expect: /^overlay \/ overlay$/},
    {run: 'rm -r /var/lib/fold'},
  ],
});
