import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A nightly job that is killed and reports success',
  host: 'machine',
  programs: ['./steps/04-cgroups/1-memory', './steps/04-cgroups'],
  commands: [
    {run: 'mkdir -p /tmp/lamb/bin /tmp/lamb/proc'},
    {run: 'cp /usr/bin/busybox /tmp/lamb/bin'},
    {run: 'chroot /tmp/lamb /bin/busybox --install -s /bin'},
    {run: "night='seq 1000000 | sort -r | gzip >/export.gz && echo exported'"},
    {run: '1-memory /tmp/lamb sh -c "$night"', expect: /^exported$/, timeout: 120},
    {run: 'zcat /tmp/lamb/export.gz | wc -l', expect: /^1000000$/, timeout: 60},
    {run: '1-memory --memory 32M /tmp/lamb sh -c "$night" 2>/dev/null', expect: /^exported$/, timeout: 120},
    {run: 'gzip -t /tmp/lamb/export.gz; zcat /tmp/lamb/export.gz | wc -l', expect: /^0$/},
    {
      run: '04-cgroups --memory 32M /tmp/lamb sh -c "$night"',
      expect: /^Killed\nexported\n04-cgroups: processes killed for memory: 1 \(limit 32M\)$/,
      timeout: 120,
    },
    {run: 'night="set -o pipefail; $night"'},
    {run: '1-memory --memory 32M /tmp/lamb sh -c "$night" 2>/dev/null', status: 137, timeout: 120},
  ],
});
