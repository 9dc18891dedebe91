import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A /proc mounted in a new mount namespace covers that of the host, where mounts are shared',
  host: 'machine',
  programs: ['./steps/01-namespaces/3-mount'],
  commands: [
    {run: '3-mount bash'},
    {run: 'mount -t proc proc /proc'},
    {run: 'ps -e', expect: / 1 .* bash\n.* ps$/},
    {run: 'exit', expect: /^exit$/},
    {run: 'ps -e', expect: /^Error, do this: mount -t proc proc \/proc$/m, status: 47},
    {run: 'umount /proc'},
    {run: 'ps -e | head -4', expect: / 1 .*\n +2 .* kthreadd\n/},
  ],
});
