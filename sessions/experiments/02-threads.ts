import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A Go program that only waits has several threads, and each counts against a limit of processes',
  host: 'machine',
  programs: ['./steps/01-namespaces/1-hostname'],
  commands: [
    {run: 'grep Threads /proc/self/status', expect: /^Threads:\s+1$/},
    {run: "1-hostname sh -c 'grep Threads /proc/$PPID/status'", expect: /^Threads:\s+([3-9]|\d\d)$/},
    {run: 'cd /sys/fs/cgroup; mkdir few; echo 2 >few/pids.max'},
    {run: "few='echo $$ >few/cgroup.procs; exec 1-hostname true'"},
    {
      run: 'sh -c "$few" 2>&1 | head -1',
      expect: /^runtime: failed to create new OS thread \(have \d already; errno=11\)$/,
    },
    {run: 'rmdir few'},
  ],
});
