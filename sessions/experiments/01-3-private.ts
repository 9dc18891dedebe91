import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Where mounts were made private first, a /proc mounted inside stays inside',
  host: 'machine',
  programs: ['./steps/01-namespaces/3-mount'],
  commands: [
    {run: '3-mount bash'},
    {run: 'mount --make-rprivate /'},
    {run: 'mount -t proc proc /proc'},
    {run: 'ps -e', expect: / 1 .* bash\n.* ps$/},
    {run: 'exit', expect: /^exit$/},
    {run: 'ps -e | head -4', expect: / 1 .*\n +2 .* kthreadd\n/},
  ],
});
