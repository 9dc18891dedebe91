import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'The /dev/null that is a file',
  host: 'machine',
  programs: ['./steps/03-pivot-root/3-mounts', './steps/03-pivot-root/4-devices'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: "3-mounts /tmp/lamb sh -c 'echo baa >/dev/null; ls -l /dev/null'", expect: /^-rw-r--r-- .* 4 .*\/dev\/null$/},
    {run: '(umask 022; mknod /tmp/null c 1 3; ls -l /tmp/null)', expect: /^crw-r--r-- .*\/tmp\/null$/},
    {run: "4-devices /tmp/lamb sh -c 'umask; ls -l /dev/null'", expect: /^0022\ncrw-rw-rw- .*\/dev\/null$/},
  ],
});
