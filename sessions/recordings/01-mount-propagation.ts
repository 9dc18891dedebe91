import {defineRecording} from '../script.ts';

export default defineRecording({
  title: 'Mount propagation: a mount that leaks out of its namespace',
  cols: 72,
  rows: 20,
  programs: ['./steps/01-namespaces'],
  steps: [
    {
      caption: 'On a system with systemd the mounts are shared. What is mounted on one side shows up on the other.',
      type: 'mkdir wool; findmnt -o TARGET,PROPAGATION /',
      expect: /^\/ +shared$/m,
    },
    {
      caption: 'A new mount namespace starts as a copy. Here the copy stays shared, and something is mounted in it.',
      type: 'unshare -m --propagation unchanged mount -t tmpfs wool wool',
      expect: /^host:~# $/m,
    },
    {
      caption: 'The mount is on the host as well. The namespace that it was made in is already gone.',
      type: 'findmnt wool',
      expect: /^\/root\/wool +wool +tmpfs /m,
    },
    {
      caption: 'Clean up, and do the same in the container. It makes its mounts private first.',
      type: 'umount wool; 01-namespaces bash',
      expect: /^sheep:~# $/m,
    },
    {
      type: 'mount -t tmpfs wool wool; findmnt -o TARGET,PROPAGATION wool',
      expect: /^\/root\/wool +private$/m,
    },
    {
      caption: 'Nothing has reached the host, where findmnt finds no such mount and fails.',
      type: 'exit',
      expect: /^host:~# $/m,
    },
    {
      type: 'findmnt wool; echo $?',
      expect: /^1$/m,
    },
  ],
});
