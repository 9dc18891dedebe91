import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A process in a container overwrites the runtime that came to visit',
  host: 'machine',
  programs: ['./steps/02-reexec/enter'],
  commands: [
    {run: 'cp $(which enter) /mnt/runtime'},
    {run: "pen='unshare --pid --fork --mount-proc'"},
    {run: "cover='mount -t tmpfs none /mnt; exec sleep 1000'"},
    {run: '($pen sh -c "$cover" 2>/dev/null &)'},
    {run: 'until wolf=$(pgrep -x sleep); do :; done'},
    {run: "stay='until [ -e /tmp/bye ]; do sleep 1; done'"},
    {run: '(/mnt/runtime -into $wolf sh -c "$stay" &)'},
    {run: "until pgrep -f 'self.* init'; do :; done", expect: /^\d+$/},
    {run: 'nsenter --target $wolf --pid --mount bash'},
    {run: 'ls /mnt'},
    {run: "exec 9</proc/$(pgrep -f 'self.* init')/exe"},
    {run: "lie='#!/bin/sh\\necho I am the wolf, on $(hostname)\\n'"},
    {run: 'printf "$lie" >/proc/self/fd/9', expect: /Text file busy$/, status: 1},
    {run: 'touch /tmp/bye'},
    {run: "while pgrep -f 'self.* init' >/dev/null; do :; done", timeout: 30},
    {run: 'printf "$lie" >/proc/self/fd/9'},
    {run: 'exit', expect: /^exit$/},
    {run: '/mnt/runtime true', expect: /^I am the wolf, on meadow$/},
    {run: 'kill -KILL $wolf; rm /mnt/runtime /tmp/bye'},
  ],
});
