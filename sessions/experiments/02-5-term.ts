import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'When both halves pass a signal on, the program hears of it and ends in its own way',
  host: 'machine',
  programs: ['./steps/02-reexec/4-pipe', './steps/02-reexec/5-init'],
  commands: [
    {run: 'polite=\'trap "echo goodbye; exit 5" TERM; sleep 1000 & wait\''},
    {run: '4-pipe sh -c "$polite" & until pgrep -x sleep; do :; done', expect: /^\[1\] \d+\n\d+$/, timeout: 20},
    {run: 'kill $!; wait $!', expect: /^\[1\]\+ +Terminated +4-pipe [^\n]*$/, status: 143},
    {run: 'while pgrep -x sleep; do :; done', timeout: 20},
    {run: '5-init sh -c "$polite" & until pgrep -x sleep; do :; done', expect: /^\[1\] \d+\n\d+$/, timeout: 20},
    {run: 'kill $!; wait $!', expect: /^goodbye\n\[1\]\+ +Exit 5 +5-init [^\n]*$/, status: 5},
  ],
});
