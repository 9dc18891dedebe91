/** Something that differs between two recordings of the same script although nothing changed. */
export type Variation = {name: string; reason: string; pattern: RegExp; replacement: string};

/** In the order in which they are applied. */
export const variations: readonly Variation[] = [
  {
    name: 'namespace link',
    reason: 'the kernel numbers namespaces as they are made',
    pattern: /\b((?:cgroup|ipc|mnt|net|pid|time|user|uts)(?:_for_children)?):\[\d+\]/g,
    replacement: '$1:[NAMESPACE]',
  },
  {
    name: 'namespace column',
    reason: 'lsns prints the same numbers bare; the kernel starts at 0xEFFFFFF7',
    pattern: /\b402653\d{4}\b/g,
    replacement: 'NAMESPACE',
  },
  {
    name: 'process in a list',
    reason: 'PIDs depend on how many processes and threads were started before; that PID 1 is PID 1 does not',
    pattern: /^ *(?!1 )\d+ +(?=(?:pts\/\d+|hvc0|\?) )/gm,
    replacement: 'PID ',
  },
  {
    name: 'process and its parent',
    reason: 'the same, in columns pid and ppid of ps',
    pattern: /^( *)(?!1 )\d+( +\d+ [A-Za-z])/gm,
    replacement: '$1PID$2',
  },
  {
    name: 'process in a path',
    reason: 'the same, in /proc',
    pattern: /\/proc\/(?!1\/)\d+\//g,
    replacement: '/proc/PID/',
  },
  {
    name: 'process in lsns',
    reason: 'the same; the column before it is the number of processes',
    pattern: /^(NAMESPACE +\d+ +)(?!1 )\d+ /gm,
    replacement: '$1PID ',
  },
  {
    name: 'process in a status, inside',
    reason: 'the same; that a process is PID 1 in the inner namespace does not vary',
    pattern: /\b(NSpid:[ \t]+\d+[ \t]+)(?!1$)\d+/gm,
    replacement: '$1PID',
  },
  {name: 'process in a status', reason: 'the same, outside', pattern: /\b(NSpid:[ \t]+)(?!1$)\d+/gm, replacement: '$1PID'},
  {
    name: 'process alone',
    reason: 'the same: a number on a line of its own is the PID that `echo $$`, pgrep or a job prints',
    pattern: /^(\[\d+\] )?(?!1$)\d+$/gm,
    replacement: '$1PID',
  },
  {
    name: 'process and its command line',
    reason: 'the same, as `pgrep -a` prints it for a shell that a program started',
    pattern: /^(?!1 )\d+(?= \S+ bash$)/gm,
    replacement: 'PID',
  },
  {
    name: 'process in an error',
    reason: 'the same, as the shell names whom it could not signal',
    pattern: /\bkill: \(\d+\)/g,
    replacement: 'kill: (PID)',
  },
  {
    name: 'process that the kernel killed',
    reason: 'the same, in the log of the kernel',
    pattern: /\bKilled process \d+ (?=\()/g,
    replacement: 'Killed process PID ',
  },
  {
    name: 'process in the name of a group',
    reason: 'the same, where a group is named after the process that made it',
    pattern: /^(0::\/(?:fold\/|lamb-))\d+$/gm,
    replacement: '$1PID',
  },
  {
    name: 'use of a group',
    reason: 'how much work was done until the limit was met; that it was met, and how many were killed, does not vary',
    pattern: /^(usage_usec|user_usec|system_usec|nr_periods|nr_throttled|throttled_usec|max|oom) (?!0$)\d+$/gm,
    replacement: '$1 USED',
  },
  {
    name: 'share of the processor',
    reason: 'measured over some seconds',
    pattern: /^(\w+:) \d+ %$/gm,
    replacement: '$1 SHARE %',
  },
  {
    name: 'size in memory',
    reason: 'in pages, of which a program takes one more or less',
    pattern: /^(VmRSS:[ \t]+)\d+(?= kB$)/gm,
    replacement: '$1SIZE',
  },
  {
    name: 'thread',
    reason: 'threads are numbered as processes are',
    pattern: /\bthread \d+(?=:)/g,
    replacement: 'thread TID',
  },
  {
    name: 'hardware address',
    reason: 'the kernel gives a new virtual interface one at random',
    pattern: /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g,
    replacement: 'MAC',
  },
  {
    name: 'peer of an interface',
    reason: 'interfaces are numbered by how many were made before',
    pattern: /@if\d+\b/g,
    replacement: '@ifN',
  },
  {
    name: 'threads',
    reason: "Go's runtime starts one more when another is held up; that there are several does not vary",
    pattern: /^((?:Threads:|threads before main does anything:|parent: threads of mine:)[ \t]+)(?!1$)\d+$/gm,
    replacement: '$1THREADS',
  },
  {
    name: 'threads in an error',
    reason: 'the same, as the runtime counts them when it can make no more',
    pattern: /\(have \d+ already; errno=11\)/g,
    replacement: '(have THREADS already; errno=11)',
  },
  {
    name: 'terminal',
    reason: 'pseudo-terminals are numbered by who opened one before; in the virtual machine it is a console',
    pattern: /\b(?:pts\/\d+|hvc0)\b/g,
    replacement: 'TTY',
  },
  {name: 'clock', reason: 'times of day, and processor time used', pattern: /\b\d\d:\d\d(?::\d\d)?\b/g, replacement: 'TIME'},
  {name: 'padding', reason: 'columns are as wide as their longest number', pattern: / {2,}/g, replacement: ' '},
];

/** Replaces what may differ, so that two recordings of the same script are equal if and only if nothing changed. */
export function normalise(text: string): string {
  return variations.reduce((result, {pattern, replacement}) => result.replace(pattern, replacement), text);
}
