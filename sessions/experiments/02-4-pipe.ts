import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A child that waits at a pipe starts nothing before the host has done its half',
  host: 'machine',
  programs: ['./steps/02-reexec/4-pipe'],
  commands: [
    {run: "look='hostname; ulimit -t; ip -br link'"},
    {run: '4-pipe sh -c "$look"', expect: /^sheep\n60\nlo +DOWN [^\n]*\neth0@if\d+ +DOWN [^\n]*$/, timeout: 20},
    {run: "4-pipe sh -c 'env | grep SHEEP; ls /proc/self/fd'", expect: /^0\s+1\s+2\s+3$/, timeout: 20},
  ],
});
