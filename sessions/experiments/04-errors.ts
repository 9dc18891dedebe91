import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'What the files of a group say no to',
  host: 'machine',
  commands: [
    {run: 'cd /sys/fs/cgroup; mkdir -p fold/lamb'},
    {run: 'echo 64M >fold/lamb/memory.max', expect: /memory.max: Permission denied$/, status: 1},
    {run: 'echo +pids >fold/lamb/cgroup.subtree_control', expect: /write error: No such file or directory$/, status: 1},
    {run: 'echo +memory >fold/cgroup.subtree_control'},
    {run: 'ls fold/lamb/memory.max', expect: /memory\.max$/},
    {run: 'echo 0 >fold/cgroup.procs', expect: /write error: Device or resource busy$/, status: 1},
    {run: '(echo 0 >fold/lamb/cgroup.procs; sleep 999) &', expect: /^\[1\] \d+$/},
    {run: 'until grep -q . fold/lamb/cgroup.procs; do :; done'},
    {run: 'echo +memory >fold/lamb/cgroup.subtree_control', expect: /write error: Device or resource busy$/, status: 1},
    {run: 'rmdir fold/lamb', expect: /Device or resource busy$/, status: 1},
    {run: 'echo 1 >fold/lamb/cgroup.kill; wait %1', expect: /Killed/, status: 137},
    {run: 'echo lots >fold/lamb/memory.max', expect: /write error: Invalid argument$/, status: 1},
    {run: 'echo +wool >fold/cgroup.subtree_control', expect: /write error: Invalid argument$/, status: 1},
    {run: 'echo 0 >fold/cpu.weight', expect: /write error: Numerical result out of range$/, status: 1},
    {run: 'echo "500 100000" >fold/cpu.max', expect: /write error: Invalid argument$/, status: 1},
    {run: 'rm -r fold 2>&1 | tail -n 1', expect: /Operation not permitted$/},
    {run: 'rmdir fold/lamb fold; cd'},
  ],
});
