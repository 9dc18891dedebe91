import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A container that is born with limits, says what they did, and cannot lift them',
  host: 'machine',
  programs: ['./steps/04-cgroups/4-birth', './steps/04-cgroups'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: "eat='{ head -c 100m /dev/zero | tail; } 2>/dev/null | wc -c'"},
    {run: '04-cgroups --memory 64M /tmp/lamb tail /dev/zero', expect: /killed for memory: 1 \(limit 64M\)$/, status: 137},
    {run: "fork='for i in $(seq 30); do sleep 9 & done'"},
    {run: '04-cgroups --pids-limit 20 /tmp/lamb sh -c "$fork"', expect: /processes refused: \d \(limit 20\)$/, status: 2},
    {run: 'ls /sys/fs/cgroup/fold | grep "^[0-9]"', status: 1},
    {run: "lift='mount -t cgroup2 -o nsdelegate none /tmp'"},
    {run: "lift=$lift'; cat /proc/self/cgroup'"},
    {run: "lift=$lift'; cd /tmp/$(cut -c 5- /proc/self/cgroup)'"},
    {run: 'lift="$lift; echo max >memory.max; $eat"'},
    {run: '4-birth --memory 64M /tmp/lamb sh -c "$lift"', expect: /104857600$/},
    {run: '04-cgroups --memory 64M /tmp/lamb sh -c "$lift"', expect: /^0::\/\n.*Operation not permitted\n0\n/},
  ],
});
