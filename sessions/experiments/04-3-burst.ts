import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A program that is throttled at a third of its limit',
  host: 'machine',
  programs: ['./steps/04-cgroups/3-cpu'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: "now='read t x </proc/self/schedstat'"},
    {run: "burst=$now'; e=$((t+120000000)); while [ $t -lt $e ]; do '$now"},
    {run: 'work="while :; do $burst; done; echo >>/done; sleep 0.6; done"'},
    {run: '3-cpu --cpus 0.5 /tmp/lamb sh -c "$work" &', expect: /^\[1\] \d+$/},
    {run: 'until grep -qs 50000 /sys/fs/cgroup/fold/*/cpu.max; do :; done'},
    {run: 'cd /sys/fs/cgroup/fold/*/; group=$PWD; cd; cat $group/cpu.max', expect: /^50000 100000$/},
    {run: 'used() { grep usage $group/cpu.stat | cut -c 12-; }'},
    {run: 'u=$(used); sleep 5; echo used: $((($(used) - u) / 25000)) %', expect: /^used: ([1-4]\d) %$/},
    {run: 'grep -E "periods|throttled" $group/cpu.stat', expect: /^nr_throttled [1-9]/m},
    {run: 'wc -l </tmp/lamb/done', expect: /^[1-9]\d*$/},
    {run: '3-cpu --cpus 0.5 /tmp/lamb nproc', expect: /^1$/},
    {run: 'kill -TERM %1; wait %1', expect: /143/, status: 143},
  ],
});
