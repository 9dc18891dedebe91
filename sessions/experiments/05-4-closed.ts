import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A user of the host becomes root with a program of a container',
  host: 'machine',
  programs: ['./steps/05-overlayfs/2-overlay', './steps/05-overlayfs/4-closed'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: 'cp /bin/bash /tmp/lamb/bin'},
    {run: '2-overlay /tmp/lamb chmod u+s /bin/bash'},
    {run: "su learner -c '/var/lib/fold/*/upper/bin/bash -p -c whoami'", expect: /^root$/},
    {run: 'rm -r /var/lib/fold'},
    {run: '4-closed /tmp/lamb chmod u+s /bin/bash'},
    {run: "su learner -c '/var/lib/fold/*/upper/bin/bash -p -c whoami'", expect: /Permission denied$/, status: 126},
    {run: 'rm -r /var/lib/fold; mv /tmp/lamb /tmp/lamb:1'},
    {run: '2-overlay /tmp/lamb:1 cat /etc/hosts', expect: /^2-overlay: mount the overlay: no such file or directory$/, status: 125},
    {run: '4-closed /tmp/lamb:1 cat /etc/hosts', expect: /^127\.0\.0\.1 localhost$/},
    {run: 'rm -r /var/lib/fold; mv /tmp/lamb:1 /tmp/lamb'},
  ],
});
