import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A process that enters its group late leaves its memory and its children outside',
  host: 'machine',
  commands: [
    {run: 'cd /sys/fs/cgroup; mkdir lamb; echo 20M >lamb/memory.max'},
    {run: '(head -c 50m /dev/zero; sleep 999) | tail &', expect: /^\[1\] \d+$/},
    {run: 'size() { grep VmRSS /proc/$(pgrep -x tail)/status; }'},
    {run: 'until size | grep -q " 5.... kB"; do sleep 1; done', timeout: 60},
    {run: 'pgrep -x tail >lamb/cgroup.procs'},
    {run: 'size; cat lamb/memory.current', expect: /^VmRSS:\s+5\d{4} kB\n(0|\d{4,6})$/},
    {run: 'grep oom_kill lamb/memory.events', expect: /^oom_kill 0$/m},
    {run: 'kill %1; wait', expect: /Terminated/},
    {run: "sh -c 'sleep 1000 & exec sleep 2000' &", expect: /^\[1\] \d+$/},
    {run: 'until pgrep -fx "sleep 2000" >/dev/null; do :; done'},
    {run: 'pgrep -fx "sleep 2000" >lamb/cgroup.procs'},
    {run: 'pids=$(pgrep -x sleep)'},
    {run: 'for pid in $pids; do cat /proc/$pid/cgroup; done', expect: /^(0::\/lamb\n0::\/|0::\/\n0::\/lamb)$/},
    {run: 'pkill -x sleep; wait', expect: /Terminated/},
    {run: 'rmdir lamb; cd'},
  ],
});
