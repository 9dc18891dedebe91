import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'What a container has changed, read from its upper directory',
  host: 'machine',
  programs: ['./steps/05-overlayfs/2-overlay', './steps/05-overlayfs/3-changes'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/{bin,dev,etc,proc,sys,tmp}'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'echo 127.0.0.1 localhost >/tmp/lamb/etc/hosts'},
    {run: "2-overlay /tmp/lamb sh -c 'rm /bin/vi; touch /tmp/wool /wool'"},
    {run: 'find /var/lib/fold/*/upper | cut -d/ -f6-', expect: /wool/},
    {run: '3-changes /tmp/lamb /var/lib/fold/*/upper', expect: /^C \/bin\nD \/bin\/vi\nA \/wool$/},
    {run: 'rm -r /var/lib/fold'},
    {run: "2-overlay /tmp/lamb sh -c 'rm -r etc; mkdir etc; touch etc/motd'"},
    {run: '3-changes /tmp/lamb /var/lib/fold/*/upper', expect: /^C \/etc\nA \/etc\/motd\nD \/etc\/hosts$/},
    {run: 'rm -r /var/lib/fold'},
  ],
});
