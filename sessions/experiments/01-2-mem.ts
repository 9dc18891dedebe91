import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A process that does not exist by number is read and written through /proc',
  host: 'machine',
  programs: ['./steps/01-namespaces/2-pid'],
  commands: [
    {run: 'env -i SECRET=original sleep 1000 & export V=$!', expect: /^\[1\] \d+$/},
    {run: '2-pid bash'},
    {run: 'kill -0 $V', expect: /No such process$/, status: 1},
    {run: 'cat /proc/$V/environ; echo', expect: /^SECRET=original\0?$/},
    {run: "at=$(cut -d' ' -f50 /proc/$V/stat)"},
    {run: "put='dd bs=1 conv=notrunc status=none'"},
    {run: 'printf SECRET=changed! | $put seek=$at of=/proc/$V/mem'},
    {run: 'exit', expect: /^exit$/},
    {run: 'cat /proc/$V/environ; echo', expect: /^SECRET=changed!\0?$/},
    {run: 'kill $V; wait $V', expect: /Terminated +env -i SECRET=original sleep 1000$/, status: 143},
  ],
});
