import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'unshare starts a shell that has a hostname of its own',
  host: 'machine',
  commands: [
    {run: 'unshare --uts bash'},
    {run: 'hostname wolf; hostname', expect: /^wolf$/},
    {run: 'exit', expect: /^exit$/},
    {run: 'hostname', expect: /^meadow$/},
  ],
});
