import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'Shared memory of the host is not there in a new IPC namespace',
  host: 'machine',
  programs: ['./steps/01-namespaces'],
  commands: [
    {run: 'ipcmk -M 4096 >/dev/null'},
    {run: 'ipcs -m | grep ^0x | wc -l', expect: /^1$/},
    {run: "01-namespaces sh -c 'ipcs -m | grep ^0x | wc -l'", expect: /^0$/},
    {run: 'ipcrm --all=shm'},
  ],
});
