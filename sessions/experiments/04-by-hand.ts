import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A limit of memory, by hand, and what happens at it',
  host: 'machine',
  commands: [
    {run: 'cd /sys/fs/cgroup; mkdir lamb; cd lamb'},
    {run: 'grep . memory.max cpu.max pids.max cpu.weight', expect: /^memory.max:max\ncpu.max:max 100000\npids.max:max\ncpu.weight:100$/},
    {run: 'echo 64M >memory.max; cat memory.max', expect: /^67108864$/},
    {run: 'bash'},
    {run: 'cat /proc/self/cgroup', expect: /^0::\/$/},
    {run: 'echo $$ >cgroup.procs; cat /proc/self/cgroup', expect: /^0::\/lamb$/},
    {run: 'head -c 10m /dev/zero | tail | wc -c', expect: /^10485760$/},
    {run: 'head -c 100m /dev/zero | tail | wc -c', expect: /^0$/},
    {run: 'echo ${PIPESTATUS[*]}', expect: /^\d+ 137 0$/},
    {run: 'cat memory.events', expect: /^oom_kill 1$/m},
    {run: "dmesg | grep -o 'Memory.*(tail)' | tail -n 1", expect: /^Memory cgroup out of memory: Killed process \d+ \(tail\)$/},
    {run: 'exit', expect: /^exit$/},
    {run: 'cd; rmdir /sys/fs/cgroup/lamb'},
  ],
});
