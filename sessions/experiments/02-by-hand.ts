import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A child that waits at a named pipe until the host has done its half',
  host: 'machine',
  commands: [
    {run: 'mkfifo gate'},
    {run: "export look='hostname; ip -br link'"},
    {run: 'inside=\'read name <gate; hostname $name; exec sh -c "$look"\''},
    {run: 'unshare --uts --net sh -c "$inside" & child=$!', expect: /^\[1\] \d+$/},
    {run: 'until [ $(cat /proc/$child/comm) = sh ]; do :; done'},
    {run: 'ip link add wool0 type veth peer name eth0 netns $child'},
    {run: 'echo sheep >gate; wait $child', expect: /^sheep\nlo +DOWN [^\n]*\neth0@if\d+ +DOWN [^\n]*\n\[1\]\+ +Done +unshare/},
    {run: 'rm gate; ip -br link | grep wool0', status: 1},
  ],
});
