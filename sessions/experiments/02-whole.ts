import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'The whole: what fails inside is said outside, with the status of a shell',
  host: 'machine',
  programs: ['./steps/02-reexec'],
  commands: [
    {run: '02-reexec baa', expect: /^02-reexec: find the program: exec: "baa": executable file not found in \$PATH$/, status: 127},
    {run: '02-reexec /etc/passwd', expect: /^02-reexec: find the program: exec: "\/etc\/passwd": permission denied$/, status: 126},
    {run: "02-reexec sh -c 'kill -9 $$'", status: 137},
    {run: "02-reexec sh -c 'hostname; ulimit -t; ip -br link'", expect: /^sheep\n60\nlo +DOWN [^\n]*\neth0@if\d+ +DOWN [^\n]*$/},
    {run: "02-reexec bash -c 'ls /proc/self/fd; env | grep SHEEP'", expect: /^0\s+1\s+2\s+3$/, status: 1},
  ],
});
