import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'The initial UTS and PID namespaces have fixed numbers; the container has others, and the same user namespace',
  host: 'machine',
  programs: ['./steps/01-namespaces'],
  commands: [
    {run: '(cd /proc/self/ns; readlink uts pid user)', expect: /^uts:\[4026531838\]\s+pid:\[4026531836\]\s+user:\[4026531837\]$/},
    {
      run: "01-namespaces sh -c 'cd /proc/self/ns; readlink uts pid user'",
      expect: /^uts:\[40265\d+\]\s+pid:\[40265\d+\]\s+user:\[4026531837\]$/,
    },
  ],
});
