import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A hostname changed in a new UTS namespace is not changed outside',
  host: 'machine',
  programs: ['./steps/01-namespaces/1-hostname'],
  commands: [
    {run: '1-hostname bash'},
    {run: 'hostname wolf; hostname', expect: /^wolf$/},
    {run: 'exit', expect: /^exit$/},
    {run: 'hostname', expect: /^(?!wolf)[a-z]+$/},
  ],
});
