import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'One container takes all the processes that there are for two',
  host: 'machine',
  programs: ['./steps/04-cgroups/2-inner'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: 'fold=/sys/fs/cgroup/fold; mkdir -p $fold; echo 100 >$fold/pids.max'},
    {run: "fork='while :; do sleep 999 & done'"},
    {run: 'bomb="exec 2>&-; sh -c \'$fork\'; exec sleep 999"'},
    {run: '2-inner /tmp/lamb sh -c "$bomb" &', expect: /^\[1\] \d+$/},
    {run: 'until grep -qs "max [1-9]" $fold/*/pids.events; do :; done', timeout: 60},
    {run: '2-inner /tmp/lamb ls 2>&1 | head -n 1', expect: /^runtime: failed to create new OS thread/},
    {run: 'kill -TERM %1; wait %1', expect: /143/, status: 143},
    {run: 'limited="2-inner --pids-limit 20 /tmp/lamb"'},
    {run: '$limited sh -c "$bomb" &', expect: /^\[1\] \d+$/},
    {run: 'until grep -qs "max [1-9]" $fold/*/pids.events; do :; done', timeout: 60},
    {run: '2-inner /tmp/lamb ls -d /bin', expect: /^\/bin$/},
    {run: 'cat $fold/*/pids.events', expect: /^max [1-9]/},
    {run: 'kill -TERM %1; wait %1', expect: /143/, status: 143},
    {run: 'rmdir $fold'},
  ],
});
