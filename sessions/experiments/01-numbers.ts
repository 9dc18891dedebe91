import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'The first UTS and PID namespaces have fixed numbers; a new one has another, and the rest stays as it was',
  host: 'machine',
  commands: [
    {run: '(cd /proc/self/ns; readlink uts pid net)', expect: /^uts:\[4026531838\]\npid:\[4026531836\]\nnet:\[\d+\]$/},
    {
      run: "unshare --uts sh -c 'cd /proc/self/ns; readlink uts pid net'",
      expect: /^uts:\[(?!4026531838)\d+\]\npid:\[4026531836\]\nnet:\[\d+\]$/,
    },
  ],
});
