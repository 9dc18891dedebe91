import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A fast program runs before the host has given it an interface and a limit',
  host: 'machine',
  programs: ['./steps/02-reexec/3-again'],
  commands: [
    {run: "look='hostname; ulimit -t; ip -br link'"},
    {
      run: '3-again sh -c "$look"',
      expect:
        /^sheep\nunlimited\nlo +DOWN [^\n]*\nRTNETLINK answers: No such process\n3-again: finish outside: ip link add: exit status 2$/,
      status: 125,
    },
    {run: '3-again sh -c "sleep 2; $look"', expect: /^sheep\n60\nlo +DOWN [^\n]*\neth0@if\d+ +DOWN [^\n]*$/, timeout: 20},
    {run: "echo 'env | grep SHEEP; sleep 2' >look"},
    {run: '3-again sh look', expect: /^SHEEP_CONFIG=\{"Hostname":"sheep","Args":\["sh","look"\]\}$/, timeout: 20},
    {run: 'rm look'},
  ],
});
