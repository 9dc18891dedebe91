import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A descriptor that the shell had open leads out of the container, unless it is closed',
  host: 'machine',
  programs: ['./steps/02-reexec/5-init', './steps/02-reexec'],
  commands: [
    {run: 'exec 7</proc'},
    {run: "out='nsenter --uts=/proc/self/fd/7/1/ns/uts hostname'"},
    {run: '5-init sh -c "hostname; $out"', expect: /^sheep\nmeadow$/, timeout: 20},
    {
      run: '02-reexec sh -c "hostname; $out"',
      expect: /^sheep\nnsenter: cannot open \/proc\/self\/fd\/7\/1\/ns\/uts: No such file or directory$/,
      status: 1,
      timeout: 20,
    },
    {run: 'exec 7<&-'},
  ],
});
