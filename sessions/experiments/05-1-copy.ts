import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Ten copies of an image, and what a copy loses',
  host: 'machine',
  programs: ['./steps/05-overlayfs/1-copy'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: 'echo root:secret >/tmp/lamb/etc/shadow'},
    {run: 'chmod 600 /tmp/lamb/etc/shadow'},
    {run: "1-copy /tmp/lamb sh -c 'echo 10.20.0.2 dolly >>/etc/hosts'"},
    {run: 'cat /tmp/lamb/etc/hosts', expect: /^127\.0\.0\.1 localhost$/},
    {run: 'rm -r /var/lib/fold'},
    {run: 'for i in {1..10}; do (1-copy /tmp/lamb sleep 1000 &); done'},
    {run: 'until [ $(pgrep -xc -r S sleep) = 10 ]; do :; done', timeout: 120},
    {run: 'du -sh /tmp/lamb /var/lib/fold', expect: /^1\.9M\s+\/tmp\/lamb\n19M\s+\/var\/lib\/fold$/},
    {run: 'grep -A5 r-xp.*busybox /proc/$(pgrep -nx sleep)/smaps | grep ss:', expect: /^Rss: +(\d+) kB\nPss: +\1 kB$/},
    {run: 'pkill -x sleep; rm -r /var/lib/fold'},
    {run: "stat -c '%A %n' /tmp/lamb/etc/shadow", expect: /^-rw------- /},
    {run: "1-copy /tmp/lamb stat -c '%A %n' /etc/shadow", expect: /^-rw-r--r-- /},
    {run: 'rm -r /var/lib/fold /tmp/lamb/etc/shadow'},
  ],
});
