import {defineExperiment} from '../script.ts';

export default defineExperiment({
  title: 'A program that starts itself again sets up what is inside before the shell comes',
  host: 'machine',
  programs: ['./steps/01-namespaces/4-inside'],
  commands: [
    {run: '4-inside bash'},
    {run: 'ps -e', expect: / 1 .* bash\n.* ps$/},
    {run: 'exit', expect: /^exit$/},
    {run: 'hostname', expect: /^(?!sheep$)[a-z]+$/},
    {run: '4-inside sh -c "exit 7"', expect: /exit status 7$/, status: 1},
  ],
});
