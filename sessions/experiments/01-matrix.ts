import {defineExperiment} from '../script.ts';

/** Lines of `look`, as plugins/pictures reads them. */
const looks = (label: string, first: number): RegExp =>
  new RegExp(`^${label} uts:\\[${first}\\d*\\]\\n(?:${label} [a-z]+:\\[\\d+\\]\\n?){7}$`);

export default defineExperiment({
  title: 'Which namespaces two processes of the machine and two of a container are in',
  host: 'machine',
  programs: ['./steps/01-namespaces'],
  commands: [
    // The recorder gives its shell a mount namespace of its own; a reader's has the machine's.
    {run: 'nsenter --target 1 --mount bash --rcfile /proc/$$/root/root/.bashrc'},
    {run: 'PATH=$PATH:/proc/$PPID/root/usr/local/bin'},
    {run: "(01-namespaces sh -c 'sleep 1000 & wait' &)"},
    {run: 'until sleep=$(pgrep -x sleep); do :; done'},
    {run: 'sh=$(ps -o ppid= $sleep)'},
    {
      run: 'look() { for kind in uts pid mnt net ipc user cgroup time; do echo "$1 $(readlink /proc/$(($2))/ns/$kind)"; done; }',
    },
    {run: 'look "the machine: your shell" $$', expect: looks('the machine: your shell', 4026531838)},
    {run: 'look "the machine: init" 1', expect: looks('the machine: init', 4026531838)},
    {run: 'look "the container: sh" $sh', expect: looks('the container: sh', 402653)},
    {run: 'look "the container: sleep" $sleep', expect: looks('the container: sleep', 402653)},
    {run: 'pkill -x 01-namespaces'},
    {run: 'exit', expect: /^exit$/},
  ],
});
