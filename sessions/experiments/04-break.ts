import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A program that the kernel starts is in no group of the container',
  host: 'machine',
  programs: ['./steps/04-cgroups'],
  commands: [
    // The kernel starts programs by the names that the machine has for them; /tmp is this shell's own.
    {run: 'mkdir -p /run/lamb/bin /run/lamb/proc'},
    {run: 'cp /usr/bin/busybox /run/lamb/bin'},
    {run: 'chroot /run/lamb /bin/busybox --install -s /bin'},
    {run: "eat='head -c 100m /dev/zero | tail | wc -c'"},
    {run: "echo '#!/bin/sh' >/run/lamb/wolf; chmod +x /run/lamb/wolf"},
    {run: 'echo "(hostname; $eat) >/run/lamb/said" >>/run/lamb/wolf'},
    {run: 'core=/proc/sys/kernel/core_pattern; cat $core', expect: /^core$/},
    {run: 'tell="umount /proc/sys; echo \'|/run/lamb/wolf\' >$core"'},
    {run: "crash='sleep 99 & kill -SEGV $!'"},
    {run: "see='until grep -qs 00 said; do sleep 1; done; cat said'"},
    {run: '04-cgroups --memory 64M /run/lamb sh -c "$tell; $crash; $see"', expect: /^meadow\n104857600$/, timeout: 60},
    {run: 'echo core >$core; rm -r /run/lamb'},
  ],
});
