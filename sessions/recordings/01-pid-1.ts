import {defineRecording} from '../script.ts';

export default defineRecording({
  title: 'PID 1 is special: signals that it never gets, and the end that it brings',
  cols: 72,
  rows: 20,
  programs: ['./steps/01-namespaces'],
  steps: [
    {
      caption: 'A shell in a container. It is PID 1 of a new PID namespace.',
      type: '01-namespaces bash',
      expect: /^sheep:~# $/m,
    },
    {
      caption: 'It sends SIGKILL to itself, and nothing happens. A signal from inside that PID 1 does not handle is dropped.',
      type: 'kill -KILL $$; echo still here',
      expect: /^still here$/m,
    },
    {
      caption: 'The subshell ends at once and leaves a child behind. PID 1 becomes the parent of the orphan.',
      type: '(sleep 300 &); ps -o pid,ppid,comm',
      expect: /^ +\d+ +1 sleep$/m,
    },
    {
      caption: 'PID 1 ends. The kernel kills all that is left in its namespace.',
      type: 'exit',
      expect: /^host:~# $/m,
    },
    {
      type: 'pgrep sleep || echo no sleep',
      expect: /^no sleep$/m,
    },
    {
      caption: 'A container that runs sleep alone. Seen from the host, its PID 1 has an ordinary number.',
      type: '01-namespaces sleep 300 & sleep 1; pgrep sleep',
      expect: /^\[1\] \d+\n\d+$/m,
    },
    {
      caption: 'From the host, too, SIGTERM does nothing, since sleep does not handle it. It runs on.',
      type: 'pkill -TERM sleep; pgrep sleep',
      expect: /pgrep sleep\n\d+\nhost/m,
    },
    {
      caption: 'SIGKILL from outside does get through. The program reports it as a shell would: 128 + 9.',
      type: 'pkill -KILL sleep; wait $!; echo status $?',
      expect: /^status 137$/m,
    },
  ],
});
