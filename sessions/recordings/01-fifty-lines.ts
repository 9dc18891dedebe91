import {defineRecording} from '../script.ts';

/** For the landing page: no wider than a phone shows, and short enough that no line leaves the screen. */
export default defineRecording({
  title: 'A container in fifty lines',
  cols: 40,
  rows: 14,
  programs: ['./steps/01-namespaces'],
  files: ['code/steps/01-namespaces/main.go'],
  steps: [
    {
      caption: 'The whole program is fifty lines.',
      type: 'wc -l main.go',
      expect: /^50 main\.go$/m,
    },
    {
      caption: 'It starts a shell. The prompt has a new hostname.',
      type: '01-namespaces bash',
      expect: /^sheep:~# $/m,
    },
    {
      caption: 'That shell is process 1 and sees none of the host’s.',
      type: 'ps -e',
      expect: /PID TTY +TIME CMD\n +1 \S+ +\S+ bash\n +\d+ \S+ +\S+ ps\nsheep/,
    },
    {
      caption: 'It renames the machine, for itself alone.',
      type: 'hostname wolf; hostname',
      expect: /^wolf$/m,
    },
    {
      caption: 'When process 1 ends, the container is over.',
      type: 'exit',
      expect: /^host:~# $/m,
    },
    {
      caption: 'The host has kept its name.',
      type: 'hostname',
      expect: /^host$/m,
    },
  ],
});
