/**
 * Start-up files of the recorded shell. They mark prompts, command lines and output with OSC 133, the shell integration
 * of FinalTerm that many terminals know: `A` a prompt starts, `B` it ends and a command line starts, `C` output starts,
 * `D;STATUS` the command is done. The marks are invisible; they tell the recorder when to go on, and later tell the page
 * which commands there are, what they printed and how they ended.
 */
export const startupFiles: Readonly<Record<string, string>> = {
  'root/.bashrc': String.raw`
PS1='\[\e]133;A\a\e[1;36m\]\h\[\e[0m\]:\w\$ \[\e]133;B\a\]'
PS0='\e]133;C\a'
PROMPT_COMMAND='mark_done'
mark_done() {
  local status=$?
  if [ -n "$first_prompt_seen" ]; then printf '\e]133;D;%s\a' "$status"; fi
  first_prompt_seen=1
}
unset HISTFILE
`.trimStart(),
  // Bracketed paste sends two escape sequences around each command line, for a paste that never comes.
  'root/.inputrc': 'set enable-bracketed-paste off\nset bell-style none\n',
};

/** The environment of the recorded shell. */
export const environment: Readonly<Record<string, string>> = {
  HOME: '/root',
  LANG: 'C.UTF-8',
  PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  SHELL: '/bin/bash',
  TERM: 'xterm-256color',
  USER: 'root',
};
