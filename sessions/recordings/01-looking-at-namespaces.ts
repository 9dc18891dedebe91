import {defineRecording} from '../script.ts';

export default defineRecording({
  title: 'Looking at namespaces: their names, and a stale /proc',
  cols: 72,
  rows: 24,
  programs: ['./steps/01-namespaces'],
  steps: [
    {
      caption: 'Every process is in one namespace of each kind. The number in brackets tells which.',
      type: 'readlink /proc/$$/ns/*',
      expect:
        /^cgroup:\[\d+\]\nipc:\[\d+\]\nmnt:\[\d+\]\nnet:\[\d+\]\n(?:pid:\[\d+\]\n){2}(?:time:\[\d+\]\n){2}user:\[\d+\]\nuts:\[\d+\]$/m,
    },
    {
      caption: 'In the container five numbers are new. Those of cgroup, time and user are still the host’s.',
      type: "01-namespaces sh -c 'readlink /proc/1/ns/*'",
      expect:
        /^cgroup:\[\d+\]\nipc:\[\d+\]\nmnt:\[\d+\]\nnet:\[\d+\]\n(?:pid:\[\d+\]\n){2}(?:time:\[\d+\]\n){2}user:\[\d+\]\nuts:\[\d+\]$/m,
    },
    {
      caption: 'A container that runs on its own, and lsns on the host: there are two UTS namespaces now.',
      type: '01-namespaces sleep 300 &',
      expect: /^\[1\] \d+$/m,
    },
    {
      type: 'lsns -t uts -o NS,NPROCS,PID,COMMAND',
      expect: /^\d+ +\d+ +1 .*\n\d+ +1 +\d+ sleep 300$/m,
    },
    {
      caption: 'One process, two PIDs: NSpid lists its number on the host, then the one inside.',
      type: 'grep NSpid /proc/$(pgrep sleep)/status',
      expect: /^NSpid:\s+\d+\s+1$/m,
    },
    {
      caption: 'Now a surprise. This shell gets a new PID namespace, but keeps the /proc of the host.',
      type: 'unshare --pid --fork bash',
      expect: /^host:~# $/m,
    },
    {
      caption: 'It is PID 1, and still finds the processes outside: a /proc shows the PID namespace it was mounted from.',
      type: 'echo $$; grep . /proc/[0-9]*/comm',
      expect: /^1\n[^]*comm:sleep\n[^]*comm:unshare\n/m,
    },
    {
      caption: 'With a new mount namespace and a /proc of its own, ps finds what it should: itself.',
      type: 'unshare --pid --fork --mount-proc ps -e',
      expect: /CMD\n +1 \S+ +\S+ ps\nhost/,
    },
  ],
});
