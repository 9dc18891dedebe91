import {defineRecording} from '../script.ts';

export default defineRecording({
  title: 'The first container: one process in five new namespaces',
  cols: 72,
  rows: 20,
  programs: ['./steps/01-namespaces'],
  files: ['code/steps/01-namespaces/main.go'],
  steps: [
    {
      caption: 'The whole program is fifty lines of Go.',
      type: 'wc -l main.go',
      expect: /^50 main\.go$/m,
    },
    {
      caption: 'On the host: the name of the machine, and the PID of this shell.',
      type: 'hostname; echo $$',
      expect: /^host\n(?!1$)\d+$/m,
    },
    {
      caption: 'The program starts another bash in five new namespaces. The prompt shows a new hostname already.',
      type: '01-namespaces bash',
      expect: /^sheep:~# $/m,
    },
    {
      caption: 'In its PID namespace this bash is process 1, as if it were the first program of a machine.',
      type: 'echo $$',
      expect: /^1$/m,
    },
    {
      caption: 'The new /proc lists two processes, bash and ps itself. What runs on the host is out of sight.',
      type: 'ps -e',
      expect: /PID TTY +TIME CMD\n +1 \S+ +\S+ bash\n +\d+ \S+ +\S+ ps\nsheep/,
    },
    {
      caption: 'A new network namespace holds one interface, the loopback, and not even that one is up.',
      type: 'ip link',
      expect: /1: lo: <LOOPBACK> [^]*state DOWN[^]*00:00:00:00:00:00\nsheep/,
    },
    {
      caption: 'The hostname belongs to the UTS namespace, so a new one is seen only in here.',
      type: 'hostname wolf; hostname',
      expect: /^wolf$/m,
    },
    {
      caption: 'When PID 1 ends, the container is over. The host has kept its name.',
      type: 'exit',
      expect: /^host:~# $/m,
    },
    {
      type: 'hostname',
      expect: /^host$/m,
    },
  ],
});
